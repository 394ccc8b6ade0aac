import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggestedName } from './suggested-name.ts'

test('a dataset is called like its file, without the ending', () => {
  assert.equal(suggestedName('reviews.v2.CSV'), 'reviews.v2')
  assert.equal(suggestedName('notes'), 'notes')
  assert.equal(suggestedName(`${'x'.repeat(300)}.jsonl`).length, 200)
})
