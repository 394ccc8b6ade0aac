import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProblemReason } from '#api/types.ts'
import { placeViolations } from './place-violations.ts'
import { readSchema } from './read-schema.ts'

const FORM = readSchema({
  type: 'object',
  properties: { text: { type: 'string' }, rows: { type: 'array' } },
})

function violation(place: ProblemReason['in'], pointer: string): ProblemReason {
  return { in: place, pointer, rule: 'rule', message: `at ${pointer}` }
}

test('a refusal stands at its field, or at the field that contains it', () => {
  const { refusals, rest } = placeViolations(FORM, [
    violation('body', '/text'),
    violation('body', '/rows/3/name'),
  ])
  assert.deepEqual(refusals, { '/text': 'at /text', '/rows': 'at /rows/3/name' })
  assert.deepEqual(rest, [])
})

test('a refusal that fits no field is not lost', () => {
  const misfits = [
    violation('query', '/text'),
    violation('body', '/unknown'),
    violation('body', ''),
  ]
  assert.deepEqual(placeViolations(FORM, misfits), { refusals: {}, rest: misfits })
})
