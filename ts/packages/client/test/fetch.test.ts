/** What wraps `fetch`: tokens, shared reads, interceptors. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer, intercept, shareReads, type TokenSource, wrappers } from '../src/fetch.ts'
import { AbortedError, createClient, ProblemError } from '../src/index.ts'
import { type Answering, json, problem, silence, slow, startServer } from './failing-server.ts'
import { createModel, type Model, readModel } from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

/** Lets in only those who have this token. */
const guarded =
  (token: string): Answering =>
  (response, request) =>
    (request.headers.authorization === `Bearer ${token}` ? json(200, model) : problem(401, 'Who?'))(
      response,
      request,
    )

test('a refused token is refreshed once for all calls, which are then sent again', async (t) => {
  const server = await startServer(t)
  server.answer(slow(20, guarded('new')))
  let token = 'old'
  let refreshes = 0
  const source: TokenSource = async ({ refresh }) => {
    if (refresh) {
      refreshes++
      await new Promise((resolve) => setTimeout(resolve, 30))
      token = 'new'
    }
    return token
  }
  const client = createClient({ baseUrl: server.url, wrapFetch: bearer(source) })
  const names = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(names.map((name) => client.call(readModel, { name })))
  // Also a write without a key: what was refused with 401 was not done.
  token = 'old'
  await client.call(createModel, model)
  assert.equal(refreshes, 2)
  assert.equal(server.requests.length, 12)
})

test('a token that was replaced meanwhile is used without another refresh', async (t) => {
  const server = await startServer(t)
  let token = 'old'
  server.answer((response, request) => {
    token = 'new'
    guarded('new')(response, request)
  })
  const source: TokenSource = ({ refresh }) => (refresh ? assert.fail('refreshed') : token)
  await createClient({ baseUrl: server.url, wrapFetch: bearer(source) }).call(readModel, input)
})

test('a refusal that a refresh does not cure is the error; nothing loops', async (t) => {
  const server = await startServer(t)
  server.answer(problem(401, 'Sign in.'))
  const failing: TokenSource = ({ refresh }) => {
    if (refresh) throw new Error('signed out')
    return 'old'
  }
  const renewing: TokenSource = ({ refresh }) => (refresh ? 'new' : 'old')
  for (const [source, requests] of [
    [failing, 1],
    [renewing, 2],
  ] as const) {
    const before = server.requests.length
    const client = createClient({ baseUrl: server.url, wrapFetch: bearer(source) })
    await assert.rejects(client.call(readModel, input), (error) => ProblemError.isInstance(error))
    assert.equal(server.requests.length - before, requests)
  }
})

test('without a token none is sent', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const client = createClient({ baseUrl: server.url, wrapFetch: bearer(() => undefined) })
  await client.call(readModel, input)
  assert.equal(server.requests[0]?.headers.authorization, undefined)
})

test('a token that comes after the deadline leads to no request', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model))
  const late: TokenSource = () => new Promise((resolve) => setTimeout(() => resolve('late'), 100))
  let sent = 0
  const client = createClient({
    baseUrl: server.url,
    wrapFetch: bearer(late),
    deadlineSeconds: 0.05,
    fetch: (url, init) => {
      sent++
      return fetch(url, init)
    },
  })
  await assert.rejects(client.call(readModel, input))
  await new Promise((resolve) => setTimeout(resolve, 120))
  assert.equal(sent, 0)
})

test('concurrent identical reads share one request; each caller has an answer of its own', async (t) => {
  const server = await startServer(t)
  server.answer(slow(50, json(200, model)))
  const client = createClient({ baseUrl: server.url, wrapFetch: shareReads() })
  const [first, second, other] = await Promise.all([
    client.call(readModel, input),
    client.call(readModel, input),
    client.call(readModel, { name: 'other' }),
  ])
  assert.deepEqual(first, second)
  assert.notEqual(first, second)
  assert.ok(other)
  assert.equal(server.requests.length, 2)
  await client.call(readModel, input)
  assert.equal(server.requests.length, 3)
})

test('reads with different headers, and writes, are never shared', async (t) => {
  const server = await startServer(t)
  server.answer(slow(20, json(200, model)))
  const tokens = ['a', 'b']
  const wrapFetch = wrappers(
    bearer(() => tokens.shift()),
    shareReads(),
  )
  const client = createClient({ baseUrl: server.url, wrapFetch })
  await Promise.all([
    client.call(readModel, input),
    client.call(readModel, input),
    client.call(createModel, model),
    client.call(createModel, model),
  ])
  assert.equal(server.requests.length, 4)
})

test('one of those who share may give up alone; the request ends when all have', async (t) => {
  const server = await startServer(t)
  server.answer(slow(100, json(200, model)), silence)
  const client = createClient({ baseUrl: server.url, wrapFetch: shareReads() })
  const leaving = client.call(readModel, input, { signal: AbortSignal.timeout(20) })
  const staying = client.call(readModel, input)
  await assert.rejects(leaving, (error) => AbortedError.isInstance(error))
  assert.deepEqual(await staying, model)
  assert.equal(server.requests.length, 1)
  const signal = AbortSignal.timeout(20)
  const both = [
    client.call(readModel, input, { signal }),
    client.call(readModel, input, { signal }),
  ]
  await Promise.allSettled(both)
  const until = performance.now() + 2000
  while (!server.requests[1]?.abandoned) {
    assert.ok(performance.now() < until, 'the request was not stopped')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
})

test('interceptors see each attempt on its way out and back, the first outermost', async (t) => {
  const server = await startServer(t)
  server.answer(problem(500, 'No.'), json(200, model))
  const seen: string[] = []
  const named = (name: string) =>
    intercept(async (url, init, next) => {
      seen.push(`${name} out`)
      init.headers.set('x-seen', name)
      const response = await next(url, init)
      seen.push(`${name} ${response.status}`)
      return response
    })
  const client = createClient({ baseUrl: server.url, wrapFetch: wrappers(named('a'), named('b')) })
  await client.call(readModel, input)
  assert.deepEqual(seen, ['a out', 'b out', 'b 500', 'a 500', 'a out', 'b out', 'b 200', 'a 200'])
  assert.equal(server.requests[0]?.headers['x-seen'], 'b')
})
