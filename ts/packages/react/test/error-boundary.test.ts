import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createElement } from 'react'
import { describeFailure, ErrorBoundary, type Failure } from '../src/index.ts'
import { NetworkError, ProblemError, UndecodableError } from './api/index.ts'
import { render } from './dom.ts'

const context = { operation: 'readNote', requestId: 'r-1', attempts: 1 }
const refusal = (status: number) =>
  new ProblemError({ ...context, status, problem: { title: 'No such note.' } })

function Throwing({ error }: { error: unknown }): string {
  if (error) throw error
  return 'fine'
}

test('a person sees one sentence, the request id, and a way to try again', async () => {
  const failures: Failure[] = []
  const shown = (error: unknown) =>
    createElement(
      ErrorBoundary,
      { onError: (_error, failure) => void failures.push(failure) },
      createElement(Throwing, { error }),
    )
  const page = await render(shown(new NetworkError(context)))
  assert.equal(page.text(), 'The service cannot be reached.Request r-1Try again')
  assert.equal(failures.at(-1)?.kind, 'network')
  await page.render(shown(undefined))
  await page.click()
  assert.equal(page.text(), 'fine')
})

test('what would be refused again has no button', async () => {
  const error = refusal(404)
  const page = await render(createElement(ErrorBoundary, null, createElement(Throwing, { error })))
  assert.equal(page.text(), 'No such note.Request r-1')
})

test('which failures may be tried again', () => {
  const retried = [404, 408, 409, 425, 429, 500, 503].filter(
    (status) => describeFailure(refusal(status)).canRetry,
  )
  assert.deepEqual(retried, [408, 425, 429, 500, 503])
})

test('the page of a failing proxy may be tried again, an answer of another shape may not', () => {
  const undecodable = (status: number) =>
    describeFailure(new UndecodableError({ ...context, status, issues: [] })).canRetry
  assert.deepEqual([200, 418, 502].map(undecodable), [false, false, true])
})

test('a failure is forgotten when the reset key changes', async () => {
  const shown = (resetKey: string, error?: Error) =>
    createElement(ErrorBoundary, { resetKey }, createElement(Throwing, { error }))
  const page = await render(shown('/a', new NetworkError(context)))
  await page.render(shown('/a'))
  assert.match(page.text(), /cannot be reached/)
  await page.render(shown('/b'))
  assert.equal(page.text(), 'fine')
})

test('a redirect of the framework passes through', async () => {
  const redirect = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;/login' })
  const outer = (failure: Failure) => `outer ${failure.requestId}`
  const inner = createElement(ErrorBoundary, null, createElement(Throwing, { error: redirect }))
  await assert.rejects(render(createElement(ErrorBoundary, { fallback: outer }, inner)), redirect)
})

test('of an error that is not of a client nothing is shown but its digest', () => {
  const error = Object.assign(new Error('password=hunter2'), { digest: '42' })
  const { sentence, requestId, kind } = describeFailure(error)
  assert.deepEqual([sentence, requestId, kind], ['Something went wrong.', '42', 'unexpected'])
  assert.equal(describeFailure(undefined).kind, 'unexpected')
})
