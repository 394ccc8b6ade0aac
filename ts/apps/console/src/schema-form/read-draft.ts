import type { JsonValue } from '#api/types.ts'
import { formatCount } from '#format/number.ts'
import {
  type ChoiceField,
  type Draft,
  type Field,
  type GroupField,
  memberName,
  type NumberField,
  type TextField,
  withInner,
} from './field.ts'

/** A sentence per refused value, by JSON pointer. */
export type Refusals = { readonly [pointer: string]: string }

/** What a draft amounts to: a body to send, or what has to be mended first. */
export type DraftReading =
  | { readonly body: JsonValue; readonly refusals: null }
  | { readonly body: null; readonly refusals: Refusals }

type Value = { readonly value: JsonValue } | { readonly refusals: Refusals }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Reads what a person typed as the body that the schema asks for. */
export function readDraft(form: Field, draft: Draft): DraftReading {
  const read = fieldValue(form, draft)
  if ('refusals' in read) return { body: null, refusals: read.refusals }
  return { body: read.value ?? null, refusals: null }
}

/** The number of characters as JSON Schema and the server count them. */
export function charactersIn(text: string): number {
  return [...text].length
}

function fieldValue(field: Field, draft: Draft): Value {
  const typed = draft[field.pointer] ?? ''
  if (field.kind === 'group') return groupValue(field, draft)
  if (field.kind === 'boolean') return booleanValue(field, typed)
  if (field.kind === 'text') return textValue(field, typed)
  if (typed.trim() === '') return emptyValue(field)
  switch (field.kind) {
    case 'number':
      return numberValue(field, typed.trim())
    case 'choice':
      return choiceValue(field, typed)
    case 'uuid':
      return UUID.test(typed.trim())
        ? { value: typed.trim() }
        : refused(field, 'Write a UUID, such as 01936f3e-5c1a-7b8e-9d2f-3a4b5c6d7e8f.')
    case 'moment':
      return momentValue(field, typed)
    case 'json':
      return jsonValue(field, typed)
  }
}

function groupValue(group: GroupField, draft: Draft): Value {
  const untouched = withInner(group).every((field) => (draft[field.pointer] ?? '') === '')
  if (untouched && (!group.required || group.nullable)) return absent(group)
  const read = group.fields.map((field) => ({ field, result: fieldValue(field, draft) }))
  const refusals = read.flatMap(({ result }) => ('refusals' in result ? [result.refusals] : []))
  if (refusals.length > 0) return { refusals: Object.assign({}, ...refusals) }
  const members = read.flatMap(({ field, result }) =>
    'value' in result && result.value !== undefined
      ? [[memberName(field.pointer), result.value] as const]
      : [],
  )
  return { value: Object.fromEntries(members) }
}

function emptyValue(field: Field): Value {
  if (!field.required || field.nullable) return absent(field)
  return refused(field, field.kind === 'choice' ? 'Choose one.' : 'This is needed.')
}

/** Nothing at all where the member may be left out, null where it must be there. */
function absent(field: Field): Value {
  return { value: field.required ? null : undefined }
}

function textValue(field: TextField, typed: string): Value {
  if (typed === '' && (!field.required || field.nullable)) return absent(field)
  const length = charactersIn(typed)
  const refusedBlank = field.pattern === '\\S' && typed.trim() === ''
  if (refusedBlank || (length === 0 && field.minimumLength > 0))
    return refused(field, 'Write something here.')
  if (length < field.minimumLength) {
    return refused(field, `Write at least ${formatCount(field.minimumLength)} characters.`)
  }
  if (field.maximumLength !== null && length > field.maximumLength) {
    const limit = formatCount(field.maximumLength)
    return refused(field, `Write at most ${limit} characters; there are ${formatCount(length)}.`)
  }
  if (field.pattern !== null && !fits(typed, field.pattern)) {
    return refused(field, `This has to match ${field.pattern}.`)
  }
  return { value: typed }
}

function fits(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    // A pattern of another dialect cannot be judged here; the server does.
    return true
  }
}

function numberValue(field: NumberField, typed: string): Value {
  const value = Number(typed)
  if (!Number.isFinite(value)) return refused(field, 'Write a number, such as 4.5.')
  if (field.integer && !Number.isInteger(value)) return refused(field, 'Write a whole number.')
  const { minimum, maximum, above, below } = field
  const fitsLow = (minimum === null || value >= minimum) && (above === null || value > above)
  const fitsHigh = (maximum === null || value <= maximum) && (below === null || value < below)
  if (fitsLow && fitsHigh) return { value }
  return refused(field, `Write a number ${rangeOf(field)}.`)
}

/** The bounds of a number in words, or an empty text where there are none. */
export function rangeOf({ minimum, maximum, above, below }: NumberField): string {
  if (minimum !== null && maximum !== null) return `from ${minimum} to ${maximum}`
  const low = minimum !== null ? `of at least ${minimum}` : above !== null ? `above ${above}` : ''
  const high = maximum !== null ? `of at most ${maximum}` : below !== null ? `below ${below}` : ''
  return [low, high].filter((bound) => bound !== '').join(' and ')
}

function booleanValue(field: Field, typed: string): Value {
  if (typed === '' && (!field.required || field.nullable)) return absent(field)
  return { value: typed === 'true' }
}

function choiceValue(field: ChoiceField, typed: string): Value {
  const option = field.options.find((candidate) => JSON.stringify(candidate) === typed)
  return option === undefined ? refused(field, 'Choose one.') : { value: option }
}

function momentValue(field: Field, typed: string): Value {
  const instant = new Date(typed)
  if (Number.isNaN(instant.getTime())) return refused(field, 'Write a date and a time.')
  return { value: instant.toISOString() }
}

function jsonValue(field: Field, typed: string): Value {
  try {
    const value: JsonValue = JSON.parse(typed)
    return { value }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read'
    return refused(field, `This is not JSON: ${reason}.`)
  }
}

function refused(field: Field, sentence: string): Value {
  return { refusals: { [field.pointer]: sentence } }
}
