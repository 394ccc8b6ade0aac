import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureEntries } from '../scripts/entry-sizes.ts'

test('every entry stays within its budget', async () => {
  for (const { entry, bytes, budget } of await measureEntries()) {
    assert(bytes > 100 && bytes <= budget, `${entry} has ${bytes} bytes of ${budget}`)
  }
})
