/** Calls that go together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchTwin } from '../src/batch.ts'
import {
  AbortedError,
  createClient,
  NetworkError,
  type Operation,
  UndecodableError,
} from '../src/index.ts'
import { type Answering, json, silence, slow, startServer } from './failing-server.ts'
import { createModel, type Model, readModel } from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

/** An operation with a batch twin that answers `name` with its length. */
function batched(batches: string[][], fail = false): Operation<{ readonly name: string }, Model> {
  const twin: Operation<readonly { readonly name: string }[], readonly Model[]> = {
    ...createModel,
    layers: [],
    id: 'readModels',
    encode: (names) => ({ ok: true, value: { path: '/v1/models:batch', json: names } }),
    outputs: {
      200: (value) => (Array.isArray(value) ? { ok: true, value } : { ok: false, issues: [] }),
    },
  }
  const layer = batchTwin<{ readonly name: string }, Model>({
    limit: 3,
    run: async (client, inputs, options) => {
      batches.push(inputs.map(({ name }) => name))
      const models = await client.call(twin, inputs, options)
      return models.map((value) =>
        fail && value.name === 'bad'
          ? { ok: false, error: new NetworkError({ operation: 'x', requestId: 'r', attempts: 1 }) }
          : { ok: true, value },
      )
    },
  })
  return { ...readModel, layers: [layer] }
}

const answerBatch: Answering = (response, request) => {
  const names: unknown = JSON.parse(request.body || '[]')
  const list = Array.isArray(names) ? names : []
  json(
    200,
    list.map(({ name }) => ({ name, version: 1 })),
  )(response, request)
}

test('calls of one tick go together, in batches of the limit; one alone goes as usual', async (t) => {
  const server = await startServer(t)
  const batches: string[][] = []
  const operation = batched(batches)
  const client = createClient({ baseUrl: server.url })
  server.answer(answerBatch)
  const names = ['a', 'b', 'c', 'd', 'e']
  const models = await Promise.all(names.map((name) => client.call(operation, { name })))
  assert.deepEqual(
    models.map(({ name }) => name),
    names,
  )
  assert.deepEqual(batches, [
    ['a', 'b', 'c'],
    ['d', 'e'],
  ])
  server.answer(json(200, model))
  assert.deepEqual(await client.call(operation, input), model)
  assert.equal(batches.length, 2)
  assert.equal(server.requests.at(-1)?.url, '/v1/models/sentiment')
})

test('each caller of a batch has its own outcome, and may give up alone', async (t) => {
  const server = await startServer(t)
  server.answer(slow(50, answerBatch))
  const client = createClient({ baseUrl: server.url })
  const operation = batched([], true)
  const [good, bad, left] = await Promise.allSettled([
    client.call(operation, { name: 'good' }),
    client.call(operation, { name: 'bad' }),
    client.call(operation, { name: 'left' }, { signal: AbortSignal.timeout(20) }),
  ])
  assert.equal(good?.status, 'fulfilled')
  assert.ok(bad?.status === 'rejected' && NetworkError.isInstance(bad.reason))
  assert.ok(left?.status === 'rejected' && AbortedError.isInstance(left.reason))
})

test('a batch whose callers have all left is stopped; one of the wrong size is refused', async (t) => {
  const server = await startServer(t)
  server.answer(silence)
  const client = createClient({ baseUrl: server.url })
  const signal = AbortSignal.timeout(30)
  await Promise.allSettled(['a', 'b'].map((name) => client.call(batched([]), { name }, { signal })))
  const operation = batched([])
  await Promise.allSettled(
    ['a', 'b'].map((name) => client.call(operation, { name }, { signal: AbortSignal.timeout(30) })),
  )
  const until = performance.now() + 2000
  while (!server.requests.every(({ abandoned }) => abandoned)) {
    assert.ok(performance.now() < until, 'the batch was not stopped')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  server.answer(json(200, [model]))
  const outcomes = await Promise.allSettled(
    ['a', 'b'].map((name) => client.call(operation, { name })),
  )
  for (const outcome of outcomes) {
    assert.ok(outcome.status === 'rejected' && UndecodableError.isInstance(outcome.reason))
  }
})

test('clients never share a batch', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const batches: string[][] = []
  const operation = batched(batches)
  const clients = [createClient({ baseUrl: server.url }), createClient({ baseUrl: server.url })]
  await Promise.all(clients.map((client) => client.call(operation, input)))
  assert.deepEqual(batches, [])
})
