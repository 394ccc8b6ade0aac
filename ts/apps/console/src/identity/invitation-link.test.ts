import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invitationLink, tokenOf } from './invitation-link.ts'

test('a link carries its token where no server sees it', () => {
  const link = new URL(invitationLink('https://example.com', 'a-b_c+/='))
  assert.equal(link.pathname + link.search, '/invitation/')
  assert.equal(tokenOf(link.hash), 'a-b_c+/=')
})

for (const hash of ['', '#', '#token=', '#other=a']) {
  test(`${JSON.stringify(hash)} has no token`, () => {
    assert.equal(tokenOf(hash), null)
  })
}
