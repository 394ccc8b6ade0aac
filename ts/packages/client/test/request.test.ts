import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AbortedError,
  createClient,
  type ClientError,
  InvalidRequestError,
  NetworkError,
  type Operation,
  ProblemError,
  TimeoutError,
  UndecodableError,
} from '../src/index.ts'
import {
  cutBody,
  hangUp,
  html,
  json,
  problem,
  silence,
  slow,
  startServer,
} from './failing-server.ts'
import {
  createModel,
  createModelOnce,
  type Model,
  putModel,
  readModel,
  removeModel,
} from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

/** The error of a call that must fail with this class. */
async function failure<Failed extends ClientError>(
  kind: abstract new (context: never) => Failed,
  call: Promise<unknown>,
): Promise<Failed> {
  const error: unknown = await call.then(
    (value) => assert.fail(`succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof kind) return error
  throw error
}

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

test('an HTML error page is undecodable, and retried because of its status', async (t) => {
  const server = await startServer(t)
  server.answer(html(500))
  const error = await failure(
    UndecodableError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.equal(error.status, 500)
  assert.equal(error.issues[0]?.rule, 'json')
  assert.equal(server.requests.length, 3)
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

test('an undeclared status is undecodable', async (t) => {
  const server = await startServer(t)
  server.answer(json(202, model), json(418, {}))
  const client = createClient({ baseUrl: server.url })
  const success = await failure(UndecodableError, client.call(readModel, input))
  assert.equal(success.issues[0]?.rule, 'status')
  const operation: Operation<{ readonly name: string }, Model> = {
    ...readModel,
    failures: { 404: readModel.failures[404] },
  }
  const refusal = await failure(UndecodableError, client.call(operation, input))
  assert.equal(refusal.status, 418)
})

test('a connection that fails, or is cut in the middle of the body, is tried again', async (t) => {
  const server = await startServer(t)
  server.answer(hangUp, cutBody, json(200, model))
  assert.deepEqual(await createClient({ baseUrl: server.url }).call(readModel, input), model)
  assert.equal(server.requests.length, 3)
})

test('after the last attempt the failure is the error', async (t) => {
  const server = await startServer(t)
  server.answer(hangUp)
  const error = await failure(
    NetworkError,
    createClient({ baseUrl: server.url }).call(readModel, input),
  )
  assert.equal(error.attempts, 3)
  assert.equal(server.requests.length, 3)
  assert.ok(error.cause instanceof Error)
  assert.ok(error.requestId.length > 8)
})

test('a write without a key is sent once, whatever happens', async (t) => {
  const server = await startServer(t)
  const client = createClient({ baseUrl: server.url })
  for (const step of [hangUp, problem(503, 'Busy.'), problem(429, 'Slow down.'), html(500)]) {
    server.answer(step)
    const before = server.requests.length
    await assert.rejects(client.call(createModel, model))
    assert.equal(server.requests.length, before + 1)
    assert.equal(server.requests.at(-1)?.headers['idempotency-key'], undefined)
  }
})

test('a write with a key is repeated with the same key; another call has another', async (t) => {
  const server = await startServer(t)
  server.answer(hangUp, problem(500, 'No.'), json(201, model))
  const client = createClient({ baseUrl: server.url })
  await client.call(createModelOnce, model)
  await client.call(createModelOnce, model)
  await client.call(createModelOnce, model, { idempotencyKey: 'mine' })
  const keys = server.requests.map(({ headers }) => headers['idempotency-key'])
  assert.equal(keys.length, 5)
  assert.ok(keys[0])
  assert.deepEqual(keys.slice(0, 3), [keys[0], keys[0], keys[0]])
  assert.notEqual(keys[3], keys[0])
  assert.equal(keys[4], 'mine')
})

test('a naturally idempotent write is repeated', async (t) => {
  const server = await startServer(t)
  server.answer(problem(502, 'No.'), json(200, model))
  await createClient({ baseUrl: server.url }).call(putModel, model)
  assert.equal(server.requests.length, 2)
})

test('refusals are not retried, transient statuses are', async (t) => {
  const server = await startServer(t)
  const client = createClient({ baseUrl: server.url, random: () => 0 })
  for (const status of [400, 401, 403, 404, 409, 410, 413, 415, 422, 501, 505]) {
    const before = server.requests.length
    server.answer(problem(status, 'No.'))
    await failure(ProblemError, client.call(readModel, input))
    assert.equal(server.requests.length, before + 1, `${status} is final`)
  }
  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    const before = server.requests.length
    server.answer(problem(status, 'Later.'), json(200, model))
    await client.call(readModel, input)
    assert.equal(server.requests.length, before + 2, `${status} is transient`)
  }
})

test('Retry-After is waited for, in seconds and as a date', async (t) => {
  const server = await startServer(t)
  const client = createClient({ baseUrl: server.url, random: () => 0 })
  server.answer(problem(429, 'Slow down.', { 'retry-after': '1' }), json(200, model))
  await client.call(readModel, input)
  // The dates of HTTP have whole seconds: this one is between one and two seconds away.
  const date = new Date(Math.floor(Date.now() / 1000) * 1000 + 2000)
  server.answer(problem(503, 'Later.', { 'retry-after': date.toUTCString() }), json(200, model))
  await client.call(readModel, input)
  const [first, second, third, fourth] = server.requests.map(({ at }) => at)
  assert.ok(first && second && second - first >= 999, 'seconds')
  assert.ok(third && fourth && fourth - third >= 999, 'date')
  assert.ok(Date.now() >= date.getTime())
})

test('a Retry-After beyond the deadline ends the call at once', async (t) => {
  const server = await startServer(t)
  server.answer(problem(503, 'Later.', { 'retry-after': '60' }))
  const begun = performance.now()
  const client = createClient({ baseUrl: server.url, deadlineSeconds: 5 })
  const error = await failure(ProblemError, client.call(readModel, input))
  assert.equal(error.retryAfterSeconds, 60)
  assert.ok(performance.now() - begun < 1000)
  assert.equal(server.requests.length, 1)
})

test('the deadline ends all attempts, and the request is stopped', async (t) => {
  const server = await startServer(t)
  server.answer(silence)
  const client = createClient({ baseUrl: server.url })
  const begun = performance.now()
  const error = await failure(
    TimeoutError,
    client.call(readModel, input, { deadlineSeconds: 0.2, attemptSeconds: 0.1 }),
  )
  const spent = performance.now() - begun
  assert.ok(spent >= 190 && spent < 1000, `${spent} ms`)
  assert.equal(error.attempts, 2)
  await gone(() => server.requests.every(({ abandoned }) => abandoned))
})

test('an attempt that is too slow is followed by another', async (t) => {
  const server = await startServer(t)
  server.answer(slow(1000, json(200, model)), json(200, model))
  const client = createClient({ baseUrl: server.url, attemptSeconds: 0.1 })
  assert.deepEqual(await client.call(readModel, input), model)
  assert.equal(server.requests.length, 2)
})

test('a caller can give up before, during and between attempts', async (t) => {
  const server = await startServer(t)
  const client = createClient({ baseUrl: server.url })
  await failure(AbortedError, client.call(readModel, input, { signal: AbortSignal.abort() }))
  assert.equal(server.requests.length, 0)
  server.answer(silence)
  const during = await failure(
    AbortedError,
    client.call(readModel, input, { signal: AbortSignal.timeout(50) }),
  )
  assert.equal(during.attempts, 1)
  await gone(() => server.requests[0]?.abandoned)
  server.answer(problem(503, 'Later.', { 'retry-after': '20' }))
  const between = new AbortController()
  setTimeout(() => between.abort(), 100)
  const begun = performance.now()
  await failure(AbortedError, client.call(readModel, input, { signal: between.signal }))
  assert.ok(performance.now() - begun < 1000)
})

test('closing the client stops what is under way and all that follows', async (t) => {
  const server = await startServer(t)
  server.answer(silence)
  const client = createClient({ baseUrl: server.url })
  const call = failure(AbortedError, client.call(readModel, input))
  await gone(() => server.requests.length === 1)
  client.close()
  await call
  await gone(() => server.requests[0]?.abandoned)
  await failure(AbortedError, client.call(readModel, input))
  assert.equal(server.requests.length, 1)
})

test('an exchange tells the status, the request id and the attempts', async (t) => {
  const server = await startServer(t)
  server.answer(hangUp, json(200, model, { 'x-request-id': 'r-7' }))
  const exchange = await createClient({ baseUrl: server.url }).exchange(readModel, input)
  const { value, status, requestId, attempts } = exchange
  assert.deepEqual(
    { value, status, requestId, attempts },
    { value: model, status: 200, requestId: 'r-7', attempts: 2 },
  )
})

test('an operation may have limits of its own, and a call overrules them', async (t) => {
  const server = await startServer(t)
  server.answer(problem(500, 'No.'))
  const client = createClient({ baseUrl: server.url, attempts: 3, random: () => 0 })
  const operation = { ...readModel, defaults: { attempts: 2 } }
  await assert.rejects(client.call(operation, input))
  assert.equal(server.requests.length, 2)
  await assert.rejects(client.call(operation, input, { attempts: 1 }))
  assert.equal(server.requests.length, 3)
})

/** Waits until something is so; fails after two seconds. */
async function gone(is: () => unknown): Promise<void> {
  const until = performance.now() + 2000
  while (!is()) {
    assert.ok(performance.now() < until, 'it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
