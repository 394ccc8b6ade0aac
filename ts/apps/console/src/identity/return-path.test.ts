import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOME, returnPath, signInPath } from './return-path.ts'

test('a page of this site is returned to, with its query', () => {
  const path = '/history/?id=01936f3e'
  const query = new URL(signInPath(path), 'http://site').searchParams
  assert.equal(returnPath(query.get('next')), path)
})

for (const elsewhere of [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example',
  'javascript:alert(1)',
  '/models/\n//evil.example',
  '',
]) {
  test(`${JSON.stringify(elsewhere)} does not lead away`, () => {
    assert.equal(returnPath(elsewhere), HOME)
  })
}

test('signing in never leads back to signing in', () => {
  assert.equal(returnPath('/sign-in/?next=/models/'), HOME)
})
