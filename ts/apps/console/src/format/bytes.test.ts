import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes } from './bytes.ts'

test('a size is told in the unit that suits it', () => {
  const spoken = [0, 999, 1000, 1_234_567, 999_999, 5_000_000_000].map(formatBytes)
  assert.deepEqual(
    spoken.map((text) => text.replace('\u00a0', ' ')),
    ['0 B', '999 B', '1 KB', '1.23 MB', '1 MB', '5 GB'],
  )
})
