import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AbortedError,
  createClient,
  NetworkError,
  ProblemError,
  TimeoutError,
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
import { createModel, createModelOnce, type Model, putModel, readModel } from './operations.ts'
import { failure, gone } from './outcomes.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

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

test('a conflict that says how soon it is over is retried with the same key', async (t) => {
  const server = await startServer(t)
  const client = createClient({ baseUrl: server.url, random: () => 0 })
  const inUse = problem(409, 'The same request is being answered.', { 'retry-after': '0' })
  server.answer(inUse, inUse, json(200, model))
  await client.call(createModelOnce, model)
  assert.equal(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size, 1)
  assert.equal(server.requests.length, 3)
  server.answer(problem(409, 'Taken.'))
  await failure(ProblemError, client.call(createModelOnce, model))
  assert.equal(server.requests.length, 4)
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
