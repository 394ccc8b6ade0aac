import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '#json.ts'
import type { Draft } from './field.ts'
import { draftOf } from './fill-draft.ts'
import { readDraft } from './read-draft.ts'
import { readSchema } from './read-schema.ts'

const FORM = readSchema({
  type: 'object',
  required: ['text', 'agreed', 'note'],
  properties: {
    text: { type: 'string', minLength: 2, maxLength: 5 },
    agreed: { type: 'boolean' },
    note: { anyOf: [{ type: 'string', maxLength: 9 }, { type: 'null' }] },
    stars: { anyOf: [{ type: 'number', minimum: 0, maximum: 5 }, { type: 'null' }] },
    count: { type: 'integer', exclusiveMinimum: 0 },
    source: { enum: ['critic', 3] },
    id: { type: 'string', format: 'uuid' },
    at: { type: 'string', format: 'date-time' },
    place: {
      type: 'object',
      required: ['city'],
      properties: { city: { type: 'string', minLength: 1 }, zip: { type: 'string' } },
    },
    rows: { type: 'array' },
  },
})

function bodyOf(draft: Draft): unknown {
  return readDraft(FORM, { '/text': 'fine', ...draft }).body
}

function refusalsOf(draft: Draft): unknown {
  return readDraft(FORM, { '/text': 'fine', ...draft }).refusals
}

test('an untouched field is left out, or null where it must be there', () => {
  assert.deepEqual(bodyOf({}), { text: 'fine', agreed: false, note: null })
})

test('every kind of value is sent in its own type', () => {
  const draft = {
    '/agreed': 'true',
    '/note': 'x',
    '/stars': ' 3.5 ',
    '/count': '2',
    '/source': '3',
    '/id': '01936f3e-5c1a-7b8e-9d2f-3a4b5c6d7e8f',
    '/place/city': 'Kyoto',
    '/rows': '[1, {"a": null}]',
  }
  assert.deepEqual(bodyOf(draft), {
    text: 'fine',
    agreed: true,
    note: 'x',
    stars: 3.5,
    count: 2,
    source: 3,
    id: '01936f3e-5c1a-7b8e-9d2f-3a4b5c6d7e8f',
    place: { city: 'Kyoto' },
    rows: [1, { a: null }],
  })
})

test('a local time is sent with its zone', () => {
  const at = new Date(2026, 10, 22, 9, 30).toISOString()
  const body = readDraft(FORM, { '/text': 'fine', '/at': '2026-11-22T09:30' }).body
  assert.deepEqual(body, { text: 'fine', agreed: false, note: null, at })
})

const REFUSED = [
  ['/text', '', 'Write something here.'],
  ['/text', 'a', 'Write at least 2 characters.'],
  ['/text', 'abcdef', 'Write at most 5 characters; there are 6.'],
  ['/stars', '6', 'Write a number from 0 to 5.'],
  ['/stars', 'many', 'Write a number, such as 4.5.'],
  ['/stars', 'Infinity', 'Write a number, such as 4.5.'],
  ['/count', '0', 'Write a number above 0.'],
  ['/count', '1.5', 'Write a whole number.'],
  ['/id', '12', 'Write a UUID, such as 01936f3e-5c1a-7b8e-9d2f-3a4b5c6d7e8f.'],
  ['/at', 'soon', 'Write a date and a time.'],
] as const

for (const [pointer, typed, sentence] of REFUSED) {
  test(`"${typed}" at ${pointer} is refused with the next step`, () => {
    assert.deepEqual(refusalsOf({ [pointer]: typed }), { [pointer]: sentence })
  })
}

test('characters are counted as the server counts them', () => {
  assert.equal(refusalsOf({ '/text': '🎬🎬🎬🎬🎬' }), null)
})

test('JSON that cannot be read is refused where it stands', () => {
  const refusals = readDraft(FORM, { '/text': 'fine', '/rows': '[1,' }).refusals
  assert.match(refusals?.['/rows'] ?? '', /^This is not JSON: /)
})

test('a group that is begun must be finished, and every refusal is told at once', () => {
  assert.deepEqual(refusalsOf({ '/place/zip': '1', '/stars': '9' }), {
    '/place/city': 'Write something here.',
    '/stars': 'Write a number from 0 to 5.',
  })
})

test('an example comes back unchanged through the form', () => {
  const example: JsonObject = {
    text: "it's",
    agreed: true,
    note: null,
    stars: 2.5,
    source: 'critic',
    at: '2026-11-20T18:30:05.000Z',
    place: { city: 'Kyoto' },
    rows: [1, 2],
  }
  assert.deepEqual(readDraft(FORM, draftOf(FORM, example)).body, example)
})
