import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decoded, isArray, type Reader } from '../src/decoding.ts'
import {
  CircuitOpenError,
  createClient,
  InvalidRequestError,
  type Operation,
  ProblemError,
  UndecodableError,
} from '../src/index.ts'
import { html, json, problem, startServer } from './failing-server.ts'
import { createModel, type Model, readModel, removeModel } from './operations.ts'
import { failure } from './outcomes.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

test('a call gives the decoded value', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, { ...model, unknown: true }))
  const client = createClient({ baseUrl: server.url })
  assert.deepEqual(await client.call(readModel, { name: 'a b/ü' }), model)
  assert.equal(server.requests[0]?.url, '/v1/models/a%20b%2F%C3%BC')
})

test('the HTTP cache is asked to check again, so a read after a write is never old', async () => {
  const modes: string[] = []
  const client = createClient({
    baseUrl: 'http://localhost',
    fetch: async (_url, { cache }) => {
      modes.push(cache)
      return Response.json(model)
    },
  })
  await client.call(readModel, input)
  assert.deepEqual(modes, ['no-cache'])
})

test('a slash at the end of the base URL does not double', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  await createClient({ baseUrl: `${server.url}/` }).call(readModel, input)
  assert.equal(server.requests[0]?.url, '/v1/models/sentiment')
})

test('query, headers and JSON are sent as they were encoded; the later header wins', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const operation: Operation<undefined, Model> = {
    ...createModel,
    layers: [],
    encode: () => ({
      ok: true,
      value: {
        path: '/v1/models',
        query: [
          ['tag', 'a b'],
          ['tag', 'ü&='],
        ],
        headers: { 'X-From': 'operation', 'X-Both': 'operation' },
        json: { name: 'x' },
      },
    }),
  }
  const client = createClient({
    baseUrl: server.url,
    headers: { 'x-from': 'client', 'x-client': '1' },
  })
  await client.call(operation, undefined, { headers: { 'x-both': 'call' } })
  const [request] = server.requests
  assert.equal(request?.url, '/v1/models?tag=a+b&tag=%C3%BC%26%3D')
  assert.equal(request?.headers['x-from'], 'operation')
  assert.equal(request?.headers['x-client'], '1')
  assert.equal(request?.headers['x-both'], 'call')
  assert.equal(request?.headers['content-type'], 'application/json')
  assert.equal(request?.body, '{"name":"x"}')
})

test('forms are sent with their own content type', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const form = new FormData()
  form.set('file', new Blob(['a,b']), 'data.csv')
  const client = createClient({ baseUrl: server.url })
  const operation: Operation<undefined, Model> = {
    ...createModel,
    layers: [],
    encode: () => ({ ok: true, value: { path: '/upload', body: form } }),
  }
  await client.call(operation, undefined)
  assert.match(
    server.requests[0]?.headers['content-type'] ?? '',
    /^multipart\/form-data; boundary=/,
  )
  assert.match(server.requests[0]?.body ?? '', /filename="data.csv"/)
})

test('an answer without a body is undefined to its decoder', async (t) => {
  const server = await startServer(t)
  server.answer((response) => response.writeHead(204).end())
  assert.equal(await createClient({ baseUrl: server.url }).call(removeModel, input), undefined)
})

test('a success body can be text or bytes, and its problems are still JSON', async (t) => {
  const server = await startServer(t)
  server.answer(
    (response) => response.writeHead(200).end('{"not":"parsed"}'),
    (response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('a,b'),
    problem(404, 'Gone.'),
  )
  const client = createClient({ baseUrl: server.url })
  const text: Operation<{ readonly name: string }, unknown> = {
    ...readModel,
    layers: [],
    body: 'text',
    outputs: { 200: (value) => ({ ok: true, value }) },
  }
  const blob = { ...text, body: 'blob' } as const
  assert.equal(await client.call(text, input), '{"not":"parsed"}')
  const bytes = await client.call(blob, input)
  assert.ok(bytes instanceof Blob)
  assert.equal(await bytes.text(), 'a,b')
  const error = await failure(ProblemError, client.call(blob, input))
  assert.equal(error.sentence, 'Gone.')
})

test('an input that the encoder refuses is never sent', async (t) => {
  const server = await startServer(t)
  const error = await failure(
    InvalidRequestError,
    createClient({ baseUrl: server.url }).call(readModel, { name: '' }),
  )
  assert.equal(error.issues[0]?.pointer, '/name')
  assert.match(error.message, /readModel invalid-request .*\/name must not be empty/)
  assert.equal(server.requests.length, 0)
})

test('a refusal is a problem with its body, words and request id', async (t) => {
  const server = await startServer(t)
  server.answer(problem(404, 'There is no such model.'))
  const error = await failure(
    ProblemError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.deepEqual(error.problem, {
    title: 'Problem 404',
    status: 404,
    detail: 'There is no such model.',
  })
  assert.equal(error.status, 404)
  assert.equal(error.sentence, 'There is no such model.')
  assert.equal(error.requestId, 'r-server')
  assert.equal(error.attempts, 1)
})

test('a crash keeps its details from people', async (t) => {
  const server = await startServer(t)
  server.answer(problem(500, 'KeyError: secret'))
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  const error = await failure(ProblemError, client.call(readModel, input))
  assert.equal(error.sentence, 'The service failed.')
})

test('the page of a proxy has its status, is kept as it came, and is retried', async (t) => {
  const server = await startServer(t)
  server.answer(html(500))
  const error = await failure(
    UndecodableError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.equal(error.status, 500)
  assert.equal(error.issues.length, 1)
  assert.equal(error.problem, '<html><body>Internal Server Error</body></html>')
  assert.equal(error.sentence, 'The service failed.')
  assert.equal(server.requests.length, 3)
})

test('a failure whose body the contract leaves open is a problem, whatever was sent', async (t) => {
  const server = await startServer(t)
  server.answer(html(500))
  const operation: Operation<{ readonly name: string }, Model> = {
    ...readModel,
    failures: { 500: () => ({ ok: true, value: undefined }) },
  }
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  const error = await failure(ProblemError, client.call(operation, input))
  assert.deepEqual([error.status, error.problem], [500, undefined])
})

test('a body that is not what the contract says is undecodable and not retried', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, { name: 'sentiment', version: 'three' }))
  const error = await failure(
    UndecodableError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.deepEqual(error.issues, [
    { pointer: '/version', message: 'must be a number', rule: 'type' },
  ])
  assert.equal(server.requests.length, 1)
})

const strict: Operation<{ readonly name: string }, Model> = {
  ...readModel,
  failures: { 404: readModel.failures[404] },
}

test('an undeclared success is undecodable', async (t) => {
  const server = await startServer(t)
  server.answer(json(202, model))
  const error = await failure(
    UndecodableError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.deepEqual(error.issues, [{ pointer: '', message: 'is not declared', rule: 'status' }])
})

test('an undeclared refusal keeps its status, its own words and what it says', async (t) => {
  const server = await startServer(t)
  const body = { detail: 'I am a teapot.', code: 7 }
  server.answer(json(418, body, { 'x-request-id': 'r-server' }))
  const client = createClient({ baseUrl: server.url })
  const error = await failure(UndecodableError, client.call(strict, input))
  assert.deepEqual(
    [error.status, error.problem, error.sentence, error.requestId],
    [418, body, 'I am a teapot.', 'r-server'],
  )
  assert.equal(server.requests.length, 1)
})

test('undeclared failures are retried and open the circuit by their status', async (t) => {
  const server = await startServer(t)
  server.answer(html(502), json(503, {}), json(200, model))
  const client = createClient({ baseUrl: server.url })
  assert.deepEqual(await client.call(strict, input), model)
  server.answer(html(502))
  for (let index = 0; index < 8; index++) {
    await assert.rejects(client.call(strict, input, { attempts: 1 }))
  }
  const before = server.requests.length
  await failure(CircuitOpenError, client.call(strict, input))
  assert.equal(server.requests.length, before)
})

test('an answer that is deeper than the stack is undecodable, not aborted', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, {}))
  const walk: Reader<unknown> = (value, depth, key) =>
    isArray(value) && walk(value[0], depth + 1, key)
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000))
  const operation: Operation<{ name: string }, unknown> = {
    ...readModel,
    layers: [],
    outputs: { 200: () => decoded(walk, deep) },
  }
  const client = createClient({ baseUrl: server.url })
  const error = await failure(UndecodableError, client.call(operation, input))
  assert.deepEqual(error.issues, [
    { pointer: '', rule: 'nested less deeply', message: 'Should be nested less deeply.' },
  ])
})

test('a decoder that throws shows its own error: nobody has aborted', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const fault = new Error('a fault of the decoder')
  const operation: Operation<{ name: string }, Model> = {
    ...readModel,
    layers: [],
    outputs: {
      200: () => {
        throw fault
      },
    },
  }
  const call = createClient({ baseUrl: server.url }).call(operation, input)
  await assert.rejects(call, (error) => error === fault)
})
