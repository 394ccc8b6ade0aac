/** What happens while a service fails, and what a hook is told of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fallback, isReadOnly, readOnlyWhileOpen, staleOnError } from '../src/degradation.ts'
import { bearer } from '../src/fetch.ts'
import {
  CircuitOpenError,
  createClient,
  createHealth,
  NetworkError,
  ProblemError,
  UndecodableError,
} from '../src/index.ts'
import { type CallEvent, observe } from '../src/observe.ts'
import { hangUp, json, problem, silence, startServer } from './failing-server.ts'
import { createModel, createModelOnce, type Model, readModel } from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

test('the last good answer is served while the service fails, and says how old it is', async (t) => {
  const server = await startServer(t)
  const operation = { ...readModel, layers: [staleOnError<typeof input, Model>({ seconds: 60 })] }
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  server.answer(json(200, model), hangUp, problem(503, 'Down.'), problem(403, 'No.'), hangUp)
  assert.equal((await client.exchange(operation, input)).staleSeconds, undefined)
  for (const kind of ['network', 'problem']) {
    const stale = await client.exchange(operation, input)
    assert.deepEqual(stale.value, model)
    assert.equal(stale.error?.kind, kind)
    assert.ok(stale.staleSeconds !== undefined && stale.staleSeconds < 5)
  }
  // A refusal is not hidden, and after it the answer is nobody's any more.
  await assert.rejects(client.call(operation, input), (error) => ProblemError.isInstance(error))
  await assert.rejects(client.call(operation, input), (error) => NetworkError.isInstance(error))
})

test('a refusal that the contract does not declare ends it too', async (t) => {
  const server = await startServer(t)
  const layers = [staleOnError<typeof input, Model>({ seconds: 60 })]
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  server.answer(json(200, model), json(403, 'No.'), hangUp)
  const operation = { ...readModel, layers }
  await client.call(operation, input)
  await assert.rejects(client.call(operation, input), (error) => UndecodableError.isInstance(error))
  await assert.rejects(client.call(operation, input), (error) => NetworkError.isInstance(error))
})

test('an answer is not served when it is too old, to another input or to another client', async (t) => {
  const server = await startServer(t)
  const layers = [staleOnError<typeof input, Model>({ seconds: 0.05 })]
  const operation = { ...readModel, layers }
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  server.answer(json(200, model), hangUp)
  await client.call(operation, input)
  await assert.rejects(client.call(operation, { name: 'other' }))
  await assert.rejects(createClient({ baseUrl: server.url, attempts: 1 }).call(operation, input))
  await client.call(operation, input)
  await new Promise((resolve) => setTimeout(resolve, 70))
  await assert.rejects(client.call(operation, input))
})

test('a fallback stands in for a failure, never for a refusal or an abort', async (t) => {
  const server = await startServer(t)
  const none: Model = { name: 'none', version: 0 }
  const operation = { ...readModel, layers: [fallback<typeof input, Model>(() => none)] }
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  server.answer(hangUp, problem(404, 'No.'), silence)
  const served = await client.exchange(operation, input)
  assert.deepEqual([served.value, served.status, served.error?.kind], [none, 0, 'network'])
  await assert.rejects(client.call(operation, input), (error) => ProblemError.isInstance(error))
  await assert.rejects(client.call(operation, input, { signal: AbortSignal.timeout(20) }))
})

test('an open circuit refuses calls at once, and writes of the whole service where declared', async (t) => {
  const server = await startServer(t)
  server.answer(problem(500, 'No.'))
  const health = createHealth()
  const client = createClient({
    baseUrl: server.url,
    attempts: 1,
    health,
    layers: [readOnlyWhileOpen()],
  })
  for (let index = 0; index < 10; index++) await assert.rejects(client.call(readModel, input))
  const before = server.requests.length
  await assert.rejects(client.call(readModel, input), (error) => {
    assert.ok(CircuitOpenError.isInstance(error))
    assert.ok(error.retryAfterSeconds && error.retryAfterSeconds > 0.5)
    assert.equal(error.attempts, 0)
    return true
  })
  assert.equal(isReadOnly(client), true)
  const elsewhere = { ...createModel, group: 'elsewhere' }
  await assert.rejects(client.call(elsewhere, model), (error) => CircuitOpenError.isInstance(error))
  assert.equal(server.requests.length, before)
  server.answer(json(200, model))
  assert.deepEqual(await client.call({ ...readModel, group: 'elsewhere' }, input), model)
  // Another client with the same health knows; one with its own does not.
  assert.equal(isReadOnly(createClient({ baseUrl: server.url, health })), true)
  assert.equal(isReadOnly(createClient({ baseUrl: server.url })), false)
})

test('429 says nothing about the health of the service', async (t) => {
  const server = await startServer(t)
  server.answer(problem(429, 'Slow down.'))
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  for (let index = 0; index < 20; index++) await assert.rejects(client.call(readModel, input))
  assert.equal(server.requests.length, 20)
  // Nor do they make failures look rare.
  server.answer(problem(500, 'No.'))
  for (let index = 0; index < 10; index++) await assert.rejects(client.call(readModel, input))
  await assert.rejects(client.call(readModel, input), (error) => CircuitOpenError.isInstance(error))
})

test('callers who give up say nothing about the service, deadlines do', async (t) => {
  const server = await startServer(t)
  server.answer(silence)
  const client = createClient({ baseUrl: server.url, attempts: 1 })
  const call = (options: object) => client.call(readModel, input, options).catch(() => {})
  for (let index = 0; index < 12; index++) await call({ signal: AbortSignal.timeout(5) })
  assert.equal(server.requests.length, 12)
  for (let index = 0; index < 10; index++) await call({ deadlineSeconds: 0.005 })
  const before = server.requests.length
  await assert.rejects(client.call(readModel, input), (error) => CircuitOpenError.isInstance(error))
  assert.equal(server.requests.length, before)
})

test('a hook hears of every call and never of a secret; one that throws breaks nothing', async (t) => {
  const server = await startServer(t)
  const seen: CallEvent[] = []
  const client = createClient({
    baseUrl: server.url,
    headers: { 'x-secret': 'hunter2' },
    wrapFetch: bearer(() => 'hunter2'),
    layers: [observe(() => assert.fail('a broken logger')), observe((event) => seen.push(event))],
  })
  server.answer(hangUp, json(200, model), problem(409, 'hunter2'))
  await client.call(createModelOnce, { name: 'hunter2', version: 1 })
  await assert.rejects(client.call(readModel, { name: 'hunter2' }))
  assert.deepEqual(
    seen.map(({ operation, method, path, outcome, status, attempts }) => [
      operation,
      method,
      path,
      outcome,
      status,
      attempts,
    ]),
    [
      ['createModel', 'POST', '/v1/models', 'answer', 200, 2],
      ['readModel', 'GET', '/v1/models/{name}', 'problem', 409, 1],
    ],
  )
  assert.equal(seen[1]?.requestId, 'r-server')
  assert.ok(!JSON.stringify(seen).includes('hunter2'))
})
