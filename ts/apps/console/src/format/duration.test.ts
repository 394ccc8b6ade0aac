import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration } from './duration.ts'

const CASES = [
  [0, '0 ms'],
  [0.00004, '< 0.1 ms'],
  [0.0042, '4.2 ms'],
  [0.43, '430 ms'],
  [0.9996, '1 s'],
  [1.234, '1.23 s'],
  [59.96, '1 min'],
  [75, '1 min 15 s'],
  [3599.7, '1 h'],
  [4320, '1 h 12 min'],
] as const

for (const [seconds, words] of CASES) {
  test(`${seconds} s reads as ${words}`, () => {
    assert.equal(formatDuration(seconds).replaceAll('\u00a0', ' '), words)
  })
}
