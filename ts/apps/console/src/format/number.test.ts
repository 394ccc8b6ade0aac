import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCount, formatNumber, formatShare } from './number.ts'

test('a share is a percentage with a no-break space before the sign', () => {
  assert.equal(formatShare(0.931, 0), '93\u00a0%')
  assert.equal(formatShare(0.931, 1), '93.1\u00a0%')
})

test('only nothing reads as 0 % and only everything as 100 %', () => {
  assert.equal(formatShare(0, 0), '0\u00a0%')
  assert.equal(formatShare(1, 0), '100\u00a0%')
  assert.equal(formatShare(0.999, 0), '>\u00a099\u00a0%')
  assert.equal(formatShare(0.00049, 1), '<\u00a00.1\u00a0%')
  assert.equal(formatShare(0.99951, 1), '>\u00a099.9\u00a0%')
})

test('a half is rounded up to the next percent', () => {
  assert.equal(formatShare(0.935, 0), '94\u00a0%')
})

test('counts have thousands separators and numbers three digits that matter', () => {
  assert.equal(formatCount(2058), '2,058')
  assert.equal(formatNumber(0.021_34), '0.0213')
  assert.equal(formatNumber(12_345.678), '12,346')
  assert.equal(formatNumber(-3), '-3')
})
