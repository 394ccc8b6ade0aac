import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createAccountOperation,
  createSessionOperation,
  getModelOperation,
} from '#api/operations.ts'
import { type Client, UndecodableError } from '#api/runtime/index.ts'
import { result } from '#api/runtime/result.ts'
import {
  type Failure,
  isRefusal,
  isSignInRequired,
  reasonsOf,
  requestIdOf,
  sentenceOf,
} from './failure.ts'
import { json, localService, problem } from './local-service.ts'

const ACCOUNT = { email: 'ada@example.com', password: 'a long enough password' }

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: Failure }

async function failureOf(call: Promise<Outcome>): Promise<Failure> {
  const outcome = await call
  if (outcome.ok) throw new Error('The call was expected to fail.')
  return outcome.error
}

function signUp(api: Client, account = ACCOUNT) {
  return result(api, createAccountOperation, account)
}

test('a refused body tells its sentence, its request id and its places', async (context) => {
  const reason = { in: 'body', pointer: '/email', rule: 'pattern', message: 'No address.' }
  const { api } = await localService(context, (response) =>
    problem(response, 422, 'invalid-request', { detail: 'Mend it.', errors: [reason] }),
  )
  const failure = await failureOf(signUp(api))
  assert.equal(sentenceOf(failure), 'Mend it.')
  assert.equal(requestIdOf(failure), 'id-of-the-log')
  assert.deepEqual(reasonsOf(failure), [reason])
  assert.ok(isRefusal(failure))
})

test('what the contract refuses is not sent, and stands at its place too', async (context) => {
  const { api, received } = await localService(context, (response) => json(response, 201, {}))
  const failure = await failureOf(signUp(api, { ...ACCOUNT, password: 'short' }))
  assert.deepEqual(received, [])
  const rule = 'a string of length from 10 to 200'
  const reason = { in: 'body', pointer: '/password', rule, message: `Should be ${rule}.` }
  assert.deepEqual(reasonsOf(failure), [reason])
  assert.equal(requestIdOf(failure), null)
  assert.ok(isRefusal(failure))
})

for (const [kind, required] of [
  ['sign-in-required', true],
  ['wrong-credentials', false],
] as const) {
  test(`${kind} ${required ? 'asks' : 'does not ask'} to sign in again`, async (context) => {
    const { api } = await localService(context, (response) => problem(response, 401, kind))
    const failure = await failureOf(result(api, createSessionOperation, ACCOUNT))
    assert.equal(isSignInRequired(failure), required)
  })
}

test('a crash of the server is no refusal, and its words are shown', async (context) => {
  const { api } = await localService(context, (response) =>
    problem(response, 500, 'internal-error'),
  )
  const failure = await failureOf(signUp(api))
  assert.equal(sentenceOf(failure), 'What happened.')
  assert.ok(!isRefusal(failure))
  assert.deepEqual(reasonsOf(failure), [])
})

test('the page of a failed proxy reads as its status', async (context) => {
  const { api } = await localService(context, (response) => {
    response.writeHead(502, { 'content-type': 'text/html', 'x-request-id': 'id-of-the-log' })
    response.end('<h1>Bad gateway</h1>')
  })
  const failure = await failureOf(signUp(api))
  assert.equal(sentenceOf(failure), 'The server answered with status 502. Try again.')
  assert.equal(requestIdOf(failure), 'id-of-the-log')
  assert.ok(!isRefusal(failure))
})

test('an answer of another shape names the place', async (context) => {
  const { api } = await localService(context, (response) => json(response, 201, { person: 7 }))
  assert.match(sentenceOf(await failureOf(signUp(api))), /\(at \/person\)\. Reload the page\.$/)
})

test('a server that hangs up cannot be reached, and its log knows nothing of it', async (context) => {
  const { api } = await localService(context, (response) => response.destroy())
  const failure = await failureOf(signUp(api))
  assert.match(sentenceOf(failure), /^The server cannot be reached\./)
  assert.equal(requestIdOf(failure), null)
})

test('a server that does not answer in time is told from one that is gone', async (context) => {
  const { api } = await localService(context, () => undefined)
  const options = { deadlineSeconds: 0.05 }
  const failure = await failureOf(result(api, createAccountOperation, ACCOUNT, options))
  assert.match(sentenceOf(failure), /^The server did not answer in time\./)
})

test('a model whose predictions would go to another site is not taken', async (context) => {
  const { api } = await localService(context, (response) =>
    json(response, 200, { predictions_path: '//elsewhere.example/v1/models/a/predictions' }),
  )
  await assert.rejects(api.call(getModelOperation, { name: 'a' }), (error) => {
    if (!UndecodableError.isInstance(error)) return false
    return error.issues.some(({ pointer }) => pointer === '/predictions_path')
  })
})
