import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialRefusals, missingCredentials, missingForAccount } from './credentials.ts'

test('both empty fields are named at once', () => {
  assert.deepEqual(Object.keys(missingCredentials('', '')), ['email', 'password'])
  assert.deepEqual(missingCredentials('a@b.c', 'x'), {})
})

test('a new password has ten characters at least', () => {
  assert.deepEqual(Object.keys(missingForAccount('a@b.c', '123456789')), ['password'])
  assert.deepEqual(missingForAccount('a@b.c', '1234567890'), {})
})

test('what the server refuses stands at its field', () => {
  const reason = {
    in: 'body',
    pointer: '/organisation_name',
    rule: 'x',
    message: 'Too long.',
  } as const
  assert.deepEqual(credentialRefusals([reason]), { organisation: 'Too long.' })
})
