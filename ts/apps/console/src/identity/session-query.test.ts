import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { keys } from '#api/keys.ts'
import type { Session } from '#api/types.ts'
import { json, localService, problem } from '#service/local-service.ts'
import { endSession, enterSession, sessionQuery } from './session-query.ts'

const ADA = '0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b2'
const GRACE = '0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b3'

function sessionOf(id: string): Session {
  return {
    person: { id, email: 'a@example.com', emailConfirmedAt: null, mustConfirmEmail: false },
    organisation: { id, name: 'Analytical Engines', role: 'owner' },
    createdAt: new Date('2026-01-31T09:30:00Z'),
    expiresAt: new Date('2026-02-14T09:30:00Z'),
  }
}

function onTheWire({ person, createdAt, expiresAt, ...session }: Session) {
  const { emailConfirmedAt, mustConfirmEmail, ...known } = person
  return {
    ...session,
    person: {
      ...known,
      email_confirmed_at: emailConfirmedAt,
      must_confirm_email: mustConfirmEmail,
    },
    created_at: createdAt,
    expires_at: expiresAt,
  }
}

/** A cache in which Ada is signed in and has seen her history. */
function cacheOfAda(context: TestContext): QueryClient {
  const queries = new QueryClient()
  context.after(() => queries.clear())
  enterSession(queries, sessionOf(ADA))
  queries.setQueryData(keys.listPredictions, 'of Ada')
  return queries
}

test('nobody signed in is an answer, not a failure', async (context) => {
  const { api } = await localService(context, (response) =>
    problem(response, 401, 'sign-in-required'),
  )
  assert.equal(await new QueryClient().fetchQuery(sessionQuery(api)), null)
})

test('a server that fails says nothing about who is signed in', async (context) => {
  const { api } = await localService(context, (response) =>
    problem(response, 500, 'internal-error'),
  )
  await assert.rejects(new QueryClient().fetchQuery(sessionQuery(api)), { kind: 'problem' })
})

test('the dates of a session are dates', async (context) => {
  const { api } = await localService(context, (response) =>
    json(response, 200, onTheWire(sessionOf(ADA))),
  )
  assert.deepEqual(await new QueryClient().fetchQuery(sessionQuery(api)), sessionOf(ADA))
})

for (const [who, kept] of [
  [ADA, 'of Ada'],
  [GRACE, undefined],
] as const) {
  test(`what Ada has seen is ${kept ? 'kept for her' : 'gone when another is found signed in'}`, async (context) => {
    const { api } = await localService(context, (response) =>
      json(response, 200, onTheWire(sessionOf(who))),
    )
    const queries = cacheOfAda(context)
    await queries.fetchQuery({ ...sessionQuery(api), staleTime: 0 })
    assert.equal(queries.getQueryData(keys.listPredictions), kept)
    assert.deepEqual(queries.getQueryData(keys.getCurrentSession), sessionOf(who))
  })
}

test('after a session has ended, whoever signs in begins with nothing', (context) => {
  const queries = cacheOfAda(context)
  endSession(queries)
  assert.equal(queries.getQueryData(keys.getCurrentSession), null)
  assert.equal(queries.getQueryData(keys.listPredictions), undefined)
  enterSession(queries, sessionOf(GRACE))
  assert.equal(queries.getQueryData(keys.listPredictions), undefined)
})
