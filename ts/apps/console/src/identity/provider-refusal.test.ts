import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { refusalSentence } from './provider-refusal.ts'

const DOCUMENTATION = new URL('../../../../../docs/sign-in-providers.md', import.meta.url)

test('every documented word has a sentence with a next step, and no other word has one', () => {
  const words = [...readFileSync(DOCUMENTATION, 'utf8').matchAll(/^\| `([a-z-]+)` \| [a-z]/gm)]
    .map((match) => match[1] ?? '')
    .filter((word) => refusalSentence(new URLSearchParams({ refused: word })) !== null)
  assert.deepEqual(words, [
    'denied',
    'expired',
    'failed',
    'unverified',
    'account-exists',
    'linked-elsewhere',
    'unavailable',
    'too-many',
  ])
  assert.equal(refusalSentence(new URLSearchParams({ refused: '<b>' })), null)
  assert.equal(refusalSentence(new URLSearchParams()), null)
})
