import type { JsonValue } from '#api/types.ts'
import { isJsonObject } from '#json.ts'
import { type Draft, type Field, memberName } from './field.ts'

/** Fills a form from a body, such as an example of the model. */
export function draftOf(form: Field, body: JsonValue): Draft {
  return Object.fromEntries(typedOf(form, body))
}

function typedOf(field: Field, value: JsonValue): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return []
  if (field.kind === 'group') {
    if (!isJsonObject(value)) return []
    return field.fields.flatMap((inner) => typedOf(inner, value[memberName(inner.pointer)]))
  }
  if (field.kind === 'choice') return [[field.pointer, JSON.stringify(value)]]
  if (field.kind === 'json') return [[field.pointer, JSON.stringify(value, null, 2)]]
  if (field.kind === 'moment') return [[field.pointer, localMoment(String(value))]]
  return [[field.pointer, String(value)]]
}

/** An instant as a datetime-local control shows it: local time without a zone. */
function localMoment(instant: string): string {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return ''
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}
