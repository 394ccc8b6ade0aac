import type { JsonValue } from '#api/types.ts'

type Common = {
  /** The JSON pointer of the value in the body; it is also the key of its draft. */
  readonly pointer: string
  readonly label: string
  readonly description: string | null
  /** Whether the body must have this member. */
  readonly required: boolean
  /** Whether null stands for "nothing". */
  readonly nullable: boolean
}

export type TextField = Common & {
  readonly kind: 'text'
  readonly minimumLength: number
  readonly maximumLength: number | null
  readonly pattern: string | null
  readonly multiline: boolean
}

export type NumberField = Common & {
  readonly kind: 'number'
  readonly integer: boolean
  readonly minimum: number | null
  readonly maximum: number | null
  readonly above: number | null
  readonly below: number | null
}

export type ChoiceField = Common & {
  readonly kind: 'choice'
  readonly options: readonly JsonValue[]
}

export type GroupField = Common & { readonly kind: 'group'; readonly fields: readonly Field[] }

export type PlainField = Common & {
  readonly kind: 'boolean' | 'moment' | 'uuid' | 'json'
}

/** One control of a form, or a group of them, made from a JSON schema. */
export type Field = TextField | NumberField | ChoiceField | GroupField | PlainField

/** What a person has typed so far, by JSON pointer; a missing entry is an empty control. */
export type Draft = { readonly [pointer: string]: string }

/** Whether a form may leave the field out or empty. */
export function isOptional(field: Field): boolean {
  return !field.required || field.nullable
}

/** The field itself and every field inside it. */
export function withInner(field: Field): readonly Field[] {
  return field.kind === 'group' ? [field, ...field.fields.flatMap(withInner)] : [field]
}

/** The JSON pointer of a member. */
export function memberPointer(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The name of the member that a pointer ends with. */
export function memberName(pointer: string): string {
  const token = pointer.slice(pointer.lastIndexOf('/') + 1)
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
