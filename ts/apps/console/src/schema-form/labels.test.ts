import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelsOf } from './labels.ts'

const labelOf = labelsOf({
  type: 'object',
  properties: {
    text: { type: 'string', title: 'Review text' },
    film: { type: 'object', properties: { 'a/b': { type: 'string', title: 'Side' } } },
  },
})

test('a member has the title that the form shows', () => {
  assert.equal(labelOf('/text'), 'Review text')
  assert.equal(labelOf('/film/a~1b'), 'Side')
})

test('a member that the schema does not know has its name in words', () => {
  assert.equal(labelOf('/film/release_year'), 'Release year')
  assert.equal(labelsOf({})('/text'), 'Text')
})
