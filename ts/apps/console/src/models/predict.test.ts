import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { keys } from '#api/keys.ts'
import { UndecodableError } from '#api/runtime/index.ts'
import type { ModelSummary, Session } from '#api/types.ts'
import { enterSession } from '#identity/session-query.ts'
import { json, localService, problem } from '#service/local-service.ts'
import { predictMutation, predictOperation } from './predict.ts'

const MODEL: ModelSummary = {
  name: 'flat-rent',
  title: 'Flat rent',
  description: '',
  state: 'ready',
  version: 3,
  createdAt: new Date(0),
  metrics: {},
  labels: null,
  predictionsPath: '/v1/models/flat-rent/predictions',
  inputSchema: {},
  outputSchema: {},
  examples: [],
}

const ANSWER = {
  id: '0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b2',
  model: 'flat-rent',
  model_version: 3,
  created_at: '2026-01-31T09:30:00.000Z',
  duration_seconds: 0.25,
  output: { euros_a_month: 720 },
}

const ADA = sessionOf('0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b2')
const GRACE = sessionOf('0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b3')

function sessionOf(id: string): Session {
  const person = { id, email: 'a@example.com', emailConfirmedAt: null, mustConfirmEmail: false }
  const organisation = { id, name: 'Analytical Engines', role: 'owner' } as const
  return { person, organisation, createdAt: new Date(0), expiresAt: new Date(0) }
}

/** A service that takes every request for the given person's, or for nobody's. */
function serviceOf(context: TestContext, session: Session | null) {
  return localService(context, (response, { path }) => {
    if (path === MODEL.predictionsPath) return json(response, 200, ANSWER)
    if (session === null) return problem(response, 401, 'sign-in-required')
    const { createdAt: created_at, expiresAt: expires_at, person, ...rest } = session
    const { emailConfirmedAt, mustConfirmEmail, ...known } = person
    const confirmation = {
      email_confirmed_at: emailConfirmedAt,
      must_confirm_email: mustConfirmEmail,
    }
    json(response, 200, { ...rest, person: { ...known, ...confirmation }, created_at, expires_at })
  })
}

test('a model that the contract did not know is asked at its path, in its own words', async (context) => {
  const { api, received } = await localService(context, (response) => json(response, 200, ANSWER))
  const input = { area_square_metres: 60, rooms: null }
  const prediction = await api.call(predictOperation(MODEL), input)
  assert.equal(received[0]?.method, 'POST')
  assert.equal(received[0]?.path, MODEL.predictionsPath)
  assert.deepEqual(JSON.parse(received[0]?.body ?? ''), input)
  assert.deepEqual(prediction.output, { euros_a_month: 720 })
  assert.equal(prediction.modelVersion, 3)
  assert.deepEqual(prediction.createdAt, new Date('2026-01-31T09:30:00Z'))
})

for (const [what, answer, pointer] of [
  ['without its output', { ...ANSWER, output: undefined }, '/output'],
  ['made at no time', { ...ANSWER, created_at: '2026-02-30T09:30:00Z' }, '/created_at'],
  ['that is a list', [ANSWER], ''],
] as const) {
  test(`a prediction ${what} is refused at its place`, async (context) => {
    const { api } = await localService(context, (response) => json(response, 200, answer))
    await assert.rejects(api.call(predictOperation(MODEL), {}), (error) => {
      return UndecodableError.isInstance(error) && error.issues[0]?.pointer === pointer
    })
  })
}

test('a prediction is sent again under one key, so that it is made once', async (context) => {
  const { api, received } = await localService(context, (response) => response.destroy())
  await assert.rejects(api.call(predictOperation(MODEL), {}))
  assert.equal(received.length, 3)
  assert.equal(new Set(received.map(({ key }) => key)).size, 1)
  assert.match(received[0]?.key ?? '', /./)
})

test('a prediction makes the history stale, and nothing else', async (context) => {
  const { api } = await serviceOf(context, ADA)
  const queries = new QueryClient()
  context.after(() => queries.clear())
  enterSession(queries, ADA)
  const history = [...keys.listPredictions, 'pages', {}]
  queries.setQueryData(history, 'kept')
  queries.setQueryData(keys.listModels, 'kept')
  await new MutationObserver(queries, predictMutation(api, MODEL, ADA)).mutate({})
  assert.equal(queries.getQueryState(history)?.isInvalidated, true)
  assert.equal(queries.getQueryState(keys.listModels)?.isInvalidated, false)
})

for (const [who, session] of [
  ['somebody else', GRACE],
  ['nobody', null],
] as const) {
  test(`a prediction does not leave while ${who} is signed in`, async (context) => {
    const { api, received } = await serviceOf(context, session)
    const queries = new QueryClient()
    context.after(() => queries.clear())
    const prediction = new MutationObserver(queries, predictMutation(api, MODEL, ADA))
    await assert.rejects(prediction.mutate({}), { kind: 'aborted' })
    assert.deepEqual(
      received.map(({ method }) => method),
      ['GET'],
    )
    assert.deepEqual(queries.getQueryData(keys.getCurrentSession), session)
  })
}
