import type { JsonValue } from '#api/types.ts'
import { wordsOf } from '#format/words.ts'
import { isJsonList, isJsonObject, type JsonObject } from '#json.ts'
import { type Field, memberPointer } from './field.ts'

const LONG_TEXT_CHARACTERS = 200

type Place = {
  readonly pointer: string
  readonly name: string
  readonly required: boolean
  /** The references already followed on the way here; a second visit is a recursion. */
  readonly trail: readonly string[]
}

type Resolved = {
  readonly schema: JsonObject
  readonly nullable: boolean
  readonly trail: readonly string[]
  readonly recursive: boolean
}

/** The form of a JSON schema: a group for an object, one field for anything else. */
export function readSchema(schema: JsonObject): Field {
  const place = { pointer: '', name: 'input', required: true, trail: [] }
  return fieldOf(schema, place, schema)
}

function fieldOf(outer: JsonValue, place: Place, root: JsonObject): Field {
  const { schema, nullable, trail, recursive } = resolve(outer, place.trail, root)
  const common = {
    pointer: place.pointer,
    label: labelOf(schema, place.name),
    description: text(schema.description),
    required: place.required,
    nullable,
  }
  const options = optionsOf(schema)
  if (recursive) return { ...common, kind: 'json' }
  if (options !== null) return { ...common, kind: 'choice', options }
  if (schema.type === 'string') return { ...common, ...stringShape(schema) }
  if (schema.type === 'number' || schema.type === 'integer') {
    return { ...common, ...numberShape(schema) }
  }
  if (schema.type === 'boolean') return { ...common, kind: 'boolean' }
  const members = schema.properties
  if (schema.type === 'object' && isJsonObject(members)) {
    return { ...common, kind: 'group', fields: memberFields(schema, members, place, trail, root) }
  }
  return { ...common, kind: 'json' }
}

function memberFields(
  schema: JsonObject,
  members: JsonObject,
  place: Place,
  trail: readonly string[],
  root: JsonObject,
): readonly Field[] {
  const required = isJsonList(schema.required) ? schema.required : []
  return Object.entries(members).map(([name, member]) => {
    const pointer = memberPointer(place.pointer, name)
    return fieldOf(member, { pointer, name, required: required.includes(name), trail }, root)
  })
}

/** Follows references and unwraps "X or null", the outer title and description taking precedence. */
function resolve(outer: JsonValue, trail: readonly string[], root: JsonObject): Resolved {
  const schema = isJsonObject(outer) ? outer : {}
  const { inner, nullable } = unwrapped(schema)
  if (inner === null) return { schema, nullable, trail, recursive: false }
  const reference = isJsonObject(inner) ? text(inner.$ref) : null
  if (reference !== null && trail.includes(reference)) {
    return { schema, nullable, trail, recursive: true }
  }
  const target = reference === null ? inner : referenced(reference, root)
  const longer = reference === null ? trail : [...trail, reference]
  const found = resolve(target, longer, root)
  const { anyOf: _anyOf, allOf: _allOf, $ref: _reference, ...annotations } = schema
  return {
    ...found,
    schema: { ...found.schema, ...annotations },
    nullable: nullable || found.nullable,
  }
}

/** The schema that another one merely wraps, or null where it stands for itself. */
function unwrapped(schema: JsonObject): { inner: JsonValue | null; nullable: boolean } {
  if (text(schema.$ref) !== null) return { inner: { $ref: schema.$ref ?? null }, nullable: false }
  const alternatives = isJsonList(schema.anyOf) ? schema.anyOf : []
  const others = alternatives.filter((one) => !isNullSchema(one))
  const nullable = others.length < alternatives.length
  if (others.length === 1) return { inner: others[0] ?? null, nullable }
  if (isJsonList(schema.allOf) && schema.allOf.length === 1) {
    return { inner: schema.allOf[0] ?? null, nullable: false }
  }
  return { inner: null, nullable }
}

function isNullSchema(schema: JsonValue): boolean {
  return isJsonObject(schema) && schema.type === 'null'
}

function referenced(reference: string, root: JsonObject): JsonValue {
  if (reference === '#') return root
  const definitions = root.$defs
  const name = reference.replace(/^#\/\$defs\//, '')
  return isJsonObject(definitions) ? (definitions[name] ?? {}) : {}
}

function optionsOf(schema: JsonObject): readonly JsonValue[] | null {
  if (isJsonList(schema.enum)) return schema.enum
  return schema.const === undefined ? null : [schema.const]
}

function stringShape(schema: JsonObject) {
  if (schema.format === 'date-time') return { kind: 'moment' } as const
  if (schema.format === 'uuid') return { kind: 'uuid' } as const
  const maximumLength = number(schema.maxLength)
  return {
    kind: 'text',
    minimumLength: number(schema.minLength) ?? 0,
    maximumLength,
    pattern: text(schema.pattern),
    multiline: maximumLength === null || maximumLength > LONG_TEXT_CHARACTERS,
  } as const
}

function numberShape(schema: JsonObject) {
  return {
    kind: 'number',
    integer: schema.type === 'integer',
    minimum: number(schema.minimum),
    maximum: number(schema.maximum),
    above: number(schema.exclusiveMinimum),
    below: number(schema.exclusiveMaximum),
  } as const
}

/** The title somebody wrote; one that merely repeats the name is put into plain words instead. */
function labelOf(schema: JsonObject, name: string): string {
  const title = text(schema.title)
  if (title === null || squeezed(title) === squeezed(name)) return wordsOf(name)
  return title
}

function squeezed(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

function text(value: JsonValue): string | null {
  return typeof value === 'string' ? value : null
}

function number(value: JsonValue): number | null {
  return typeof value === 'number' ? value : null
}
