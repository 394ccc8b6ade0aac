import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureEntries } from '../scripts/entry-sizes.ts'

test('no entry is larger than its budget', async (t) => {
  for (const { entry, bytes, budget } of await measureEntries()) {
    t.diagnostic(`${entry}: ${bytes} of ${budget}`)
    assert.ok(bytes <= budget, `${entry} takes ${bytes} bytes of ${budget}`)
    assert.ok(bytes > 50, `${entry} was measured`)
  }
})
