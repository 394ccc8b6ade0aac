import { wordsOf } from '#format/words.ts'
import type { JsonObject } from '#json.ts'
import { memberName, withInner } from './field.ts'
import { readSchema } from './read-schema.ts'

/** What a person reads for the member at a JSON pointer. */
export type LabelOf = (pointer: string) => string

/** The labels of a form; a member that the schema does not tell of has its own name in words. */
export function labelsOf(schema: JsonObject): LabelOf {
  const fields = withInner(readSchema(schema))
  const labels = new Map(fields.map(({ pointer, label }) => [pointer, label]))
  return (pointer) => labels.get(pointer) ?? wordsOf(memberName(pointer))
}
