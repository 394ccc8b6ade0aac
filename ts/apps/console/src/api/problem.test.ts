import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTransient, ProblemFailure, requestIdOf, sentenceOf } from './errors.ts'
import { readProblem } from './problem.ts'

const REFUSAL = {
  status: 422,
  contentType: 'application/problem+json',
  requestId: 'from-the-header',
  text: JSON.stringify({
    type: 'urn:lockstitch:problem:invalid-request',
    title: 'Some of the values are not allowed',
    status: 422,
    detail: 'body /text: too short',
    request_id: 'from-the-body',
    errors: [{ in: 'body', pointer: '/text', rule: 'string_too_short', message: 'too short' }],
  }),
}

test('a problem keeps its kind, its sentence, its request id and its places', () => {
  const failure = new ProblemFailure(readProblem(REFUSAL))
  assert.ok(failure.is('invalid-request'))
  assert.equal(sentenceOf(failure), 'body /text: too short')
  assert.equal(requestIdOf(failure), 'from-the-body')
  assert.equal(failure.problem.errors[0]?.pointer, '/text')
})

test('a problem without detail reads as its title', () => {
  const text = JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404 })
  const failure = new ProblemFailure(readProblem({ ...REFUSAL, text }))
  assert.equal(sentenceOf(failure), 'Not found')
  assert.equal(requestIdOf(failure), 'from-the-header')
})

for (const [what, changed] of [
  ['a page of a proxy', { contentType: 'text/html', text: '<h1>Bad gateway</h1>' }],
  ['a cut document', { text: REFUSAL.text.slice(0, 40) }],
  ['a document of another shape', { text: '{"title": 7}' }],
] as const) {
  test(`${what} still is a refusal with its status`, () => {
    const failure = new ProblemFailure(readProblem({ ...REFUSAL, status: 502, ...changed }))
    assert.equal(sentenceOf(failure), 'The server answered with status 502.')
    assert.equal(requestIdOf(failure), 'from-the-header')
    assert.ok(isTransient(failure))
  })
}
