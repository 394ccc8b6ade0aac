import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classificationOf, inputSummary, sentenceOf } from './summary.ts'

const SENTIMENT = { label: 'positive', probabilities: { negative: 0.069, positive: 0.931 } }

test('a classification reads as its label and the probability of that label', () => {
  assert.equal(sentenceOf(SENTIMENT), 'Positive, 93\u00a0%')
})

test('labels are sorted by probability', () => {
  const labels = classificationOf(SENTIMENT)?.shares.map(({ label }) => label)
  assert.deepEqual(labels, ['positive', 'negative'])
})

test('an output of any other shape is not taken for a classification', () => {
  for (const output of [
    null,
    4,
    [],
    {},
    { label: 'a' },
    { label: 'a', probabilities: { a: 'x' } },
  ]) {
    assert.equal(classificationOf(output), null)
  }
  assert.equal(sentenceOf({ price: 3 }), '{"price":3}')
})

test('an input is recognised by its first text', () => {
  assert.equal(inputSummary({ stars: 3, text: 'a  dull\nmess' }), 'a dull mess')
  assert.equal(inputSummary([1, 2]), '[1,2]')
  assert.equal(inputSummary({ text: 'x'.repeat(400) }).length, 140)
})
