/** What wraps a call or a request: tokens, shared reads, batches, degradation, hooks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchTwin } from '../src/batch.ts'
import { fallback, isReadOnly, readOnlyWhileOpen, staleOnError } from '../src/degradation.ts'
import { bearer, intercept, shareReads, type TokenSource, wrappers } from '../src/fetch.ts'
import { selectFields, type Selection } from '../src/fields.ts'
import {
  AbortedError,
  CircuitOpenError,
  ClientError,
  createClient,
  createHealth,
  NetworkError,
  type Operation,
  ProblemError,
  UndecodableError,
} from '../src/index.ts'
import { type CallEvent, observe } from '../src/observe.ts'
import { isFailureOf, result } from '../src/result.ts'
import {
  type Answering,
  hangUp,
  json,
  problem,
  silence,
  slow,
  startServer,
} from './failing-server.ts'
import { createModel, createModelOnce, decodeModel, type Model, readModel } from './operations.ts'

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

test('an outcome can be had as a value', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model), problem(404, 'No.'))
  const client = createClient({ baseUrl: server.url })
  assert.deepEqual(await result(client, readModel, input), { ok: true, value: model })
  const outcome = await result(client, readModel, input)
  assert.ok(!outcome.ok && outcome.error.kind === 'problem' && outcome.error.status === 404)
  assert.equal(outcome.error.problem.detail, 'No.')
  assert.equal(isFailureOf(readModel, new Error('other')), false)
  const broken = { ...readModel, encode: () => assert.fail('a fault of the program') }
  await assert.rejects(result(client, broken, input), assert.AssertionError)
})

test('errors are recognised across copies of the package, and only those', async () => {
  // A query makes Node load the module a second time, as two versions of a package would be.
  const address = new URL('../src/errors.ts?copy', import.meta.url).href
  const copy: typeof import('../src/errors.ts') = await import(address)
  const context = { operation: 'x', requestId: 'r', attempts: 1 }
  const foreign: unknown = new copy.TimeoutError(context)
  assert.equal(foreign instanceof ClientError, false)
  assert.equal(ClientError.isInstance(foreign), true)
  assert.equal(copy.TimeoutError.isInstance(foreign), true)
  assert.equal(NetworkError.isInstance(foreign), false)
  for (const value of [null, undefined, 'x', {}, new Error('x'), { kind: 'timeout' }]) {
    assert.equal(ClientError.isInstance(value), false)
  }
})

test('every kind of error has one sentence for a person', () => {
  const context = { operation: 'x', requestId: 'r', attempts: 1, issues: [] }
  const kinds = [NetworkError, AbortedError, CircuitOpenError, UndecodableError]
  for (const Kind of kinds) {
    const error = new Kind(context)
    assert.match(error.sentence, /^[A-Z][^.]+\.$/)
    assert.equal(error.requestId, 'r')
  }
  const untitled = new ProblemError({
    ...context,
    status: 404,
    problem: { detail: [{ loc: 1 }], title: 'Gone' },
  })
  assert.equal(untitled.sentence, 'Gone')
})

const selection: Selection<Model> = {
  wire: { name: 'model_name', version: 'version' },
  optional: [],
  decode: (value) => {
    const { model_name: name, version }: Record<string, unknown> = Object(value)
    return {
      ok: true,
      value: {
        ...(typeof name === 'string' && { name }),
        ...(typeof version === 'number' && { version }),
      },
    }
  },
}

test('selected fields are asked for by their wire names, and must come', () => {
  const { parameter, decode } = selectFields(selection, ['name', 'version'])
  assert.equal(parameter, 'model_name,version')
  assert.deepEqual(decode({ model_name: 'x', version: 1 }), {
    ok: true,
    value: { name: 'x', version: 1 },
  })
  assert.deepEqual(decode({ version: 1 }), {
    ok: false,
    issues: [{ pointer: '/model_name', message: 'is missing', rule: 'required' }],
  })
  assert.equal(selectFields(selection, ['version']).decode({ version: 1 }).ok, true)
  const lenient = selectFields({ ...selection, optional: ['name'] }, ['name'])
  assert.deepEqual(lenient.decode({}), { ok: true, value: {} })
  assert.equal(decodeModel({}).ok, false)
})
