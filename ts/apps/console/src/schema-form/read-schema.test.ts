import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '#json.ts'
import { isOptional, withInner } from './field.ts'
import { readSchema } from './read-schema.ts'

/** What Pydantic writes for the input of the sentiment example. */
const REVIEW: JsonObject = {
  type: 'object',
  title: 'Review',
  required: ['text'],
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 5000, title: 'Text' },
    review_id: { anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }], default: null },
    written_at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    source: { anyOf: [{ $ref: '#/$defs/Source' }, { type: 'null' }] },
    stars: { anyOf: [{ type: 'number', minimum: 0, maximum: 5 }, { type: 'null' }] },
  },
  $defs: { Source: { enum: ['critic', 'audience'], type: 'string', title: 'Source' } },
}

function kinds(schema: JsonObject): readonly string[] {
  return withInner(readSchema(schema)).map((field) => `${field.pointer} ${field.kind}`)
}

test('each member gets the control of its type, through references and "or null"', () => {
  assert.deepEqual(kinds(REVIEW), [
    ' group',
    '/text text',
    '/review_id uuid',
    '/written_at moment',
    '/source choice',
    '/stars number',
  ])
})

test('only a required member that cannot be null is needed', () => {
  const needed = withInner(readSchema(REVIEW)).filter((field) => !isOptional(field))
  assert.deepEqual(
    needed.map((field) => field.pointer),
    ['', '/text'],
  )
})

test('a label is the written title, or the name in words where the title only repeats it', () => {
  const form = readSchema({
    type: 'object',
    properties: {
      review_id: { type: 'string', title: 'Review Id' },
      text: { type: 'string', title: 'What was written' },
    },
  })
  const labels = withInner(form).map((field) => field.label)
  assert.deepEqual(labels.slice(1), ['Review ID', 'What was written'])
})

test('a long text has several lines, a short one a single line', () => {
  const form = readSchema({
    type: 'object',
    properties: { name: { type: 'string', maxLength: 80 }, text: { type: 'string' } },
  })
  const lines = withInner(form).flatMap((field) => (field.kind === 'text' ? [field.multiline] : []))
  assert.deepEqual(lines, [false, true])
})

test('a nested object is a group with pointers of its own', () => {
  const schema = {
    type: 'object',
    properties: { 'a/b': { $ref: '#/$defs/Inner' } },
    $defs: { Inner: { type: 'object', properties: { on: { type: 'boolean' } } } },
  }
  assert.deepEqual(kinds(schema), [' group', '/a~1b group', '/a~1b/on boolean'])
})

test('a type that contains itself ends in a JSON box', () => {
  const schema = {
    $ref: '#/$defs/Node',
    $defs: {
      Node: {
        type: 'object',
        properties: { child: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } },
      },
    },
  }
  assert.deepEqual(kinds(schema), [' group', '/child json'])
})

test('what has no control of its own is a JSON box', () => {
  const schema = {
    type: 'object',
    properties: {
      rows: { type: 'array', items: { type: 'number' } },
      either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      free: { type: 'object', additionalProperties: { type: 'number' } },
      unknown: true,
    },
  }
  assert.deepEqual(kinds(schema), [
    ' group',
    '/rows json',
    '/either json',
    '/free json',
    '/unknown json',
  ])
})
