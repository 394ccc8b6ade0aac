import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pluralOf, shortened, wordsOf } from './words.ts'

test('a wire name becomes sentence-case words', () => {
  assert.equal(wordsOf('review_id'), 'Review ID')
  assert.equal(wordsOf('writtenAt'), 'Written at')
  assert.equal(wordsOf('some-label'), 'Some label')
})

test('plain nouns get their plural', () => {
  assert.equal(pluralOf('review'), 'reviews')
  assert.equal(pluralOf('query'), 'queries')
  assert.equal(pluralOf('day'), 'days')
  assert.equal(pluralOf('batch'), 'batches')
})

test('a text is cut on one line and says so', () => {
  assert.equal(shortened('two\n  lines', 20), 'two lines')
  assert.equal(shortened('a long sentence', 7), 'a long…')
})
