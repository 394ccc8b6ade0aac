import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateOf } from './key-rate.ts'

test('a limit is a whole number that the service takes, or none', () => {
  const read = ['60', ' 1000000 ', '', '  '].map(rateOf)
  assert.deepEqual(read, [60, 1_000_000, null, null])
})

test('what is neither a number nor empty is told from no limit', () => {
  const read = ['0', '1000001', '-5', '1.5', '1e3', 'many'].map(rateOf)
  assert.deepEqual(read, [undefined, undefined, undefined, undefined, undefined, undefined])
})
