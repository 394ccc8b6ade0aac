/**
 * Arrays and dictionaries, for generated decoders and encoders.
 *
 * @module
 */

import {
  enter,
  isArray,
  isObject,
  type JsonObject,
  type Key,
  note,
  put,
  type Reader,
  range,
  refuse,
  string,
} from './decoding.ts'

/** An array, each item through the reader. */
export function list<T>(value: unknown, depth: number, key: Key, item: Reader<T>): T[] {
  if (!isArray(value)) return refuse(depth, key, 'an array', value)
  const at = enter(depth, key)
  const out: T[] = []
  for (let index = 0; index < value.length; index++) out.push(item(value[index], at, index))
  return out
}

/** An array of scalars: each goes through the reader, and as none is converted none is copied. */
export function scalars<T>(value: unknown, depth: number, key: Key, item: Reader<T>): T[] {
  if (!isArray(value)) return refuse(depth, key, 'an array', value)
  return areItems(value, enter(depth, key), item) ? value : []
}

// Always true: what a reader refuses is an issue already, and the array is dropped with it.
function areItems<T>(value: unknown[], at: number, item: Reader<T>): value is T[] {
  for (let index = 0; index < value.length; index++) item(value[index], at, index)
  return true
}

/** Check how many items an array has, and whether they are all different. */
export function checkItems(
  value: unknown,
  depth: number,
  key: Key,
  minimum: number,
  maximum: number,
  unique: boolean,
): void {
  if (!isArray(value)) return
  const size = value.length
  const fits = size >= minimum && size <= maximum
  if (!fits) {
    note(depth, key, `an array of length${range(minimum, maximum)}`, value, `of length ${size}`)
  }
  if (!unique || new Set(value.map(canonical)).size === size) return
  note(depth, key, 'an array of different items', value, 'with equal ones')
}

/** JSON text in which the order of members makes no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (isObject(member) ? sorted(member) : member))
}

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A free dictionary: every name is data, every value goes through the reader. */
export function record<T>(
  value: unknown,
  depth: number,
  key: Key,
  item: Reader<T>,
): Record<string, T> {
  if (!isObject(value)) return refuse(depth, key, 'an object', value)
  const at = enter(depth, key)
  const out: Record<string, T> = {}
  for (const name of Object.keys(value)) put(out, name, item(value[name], at, name))
  return out
}

/** A free dictionary of scalars, of which none is copied. */
export function scalarRecord<T>(
  value: unknown,
  depth: number,
  key: Key,
  item: Reader<T>,
): Record<string, T> {
  if (!isObject(value)) return refuse(depth, key, 'an object', value)
  return areMembers(value, enter(depth, key), item) ? value : {}
}

// Always true, like areItems.
function areMembers<T>(value: JsonObject, at: number, item: Reader<T>): value is Record<string, T> {
  for (const name of Object.keys(value)) item(value[name], at, name)
  return true
}

/** A free dictionary of any values, as it is. */
export function object(value: unknown, depth: number, key: Key): JsonObject {
  return isObject(value) ? value : refuse(depth, key, 'an object', value)
}

/** An object whose members, if it has any, are nobody's business. */
export function empty(value: unknown, depth: number, key: Key): Record<string, never> {
  return isObject(value) ? {} : refuse(depth, key, 'an object', value)
}

/** The members that have no name of their own in the schema, or undefined when there are none. */
export function others<T>(
  value: JsonObject,
  at: number,
  known: ReadonlySet<string>,
  item: Reader<T>,
): Record<string, T> | undefined {
  let out: Record<string, T> | undefined
  for (const name of Object.keys(value)) {
    if (known.has(name)) continue
    out ??= {}
    put(out, name, item(value[name], at, name))
  }
  return out
}

/** The inverse of {@link others}: put the members back beside those that have names. */
export function mergeOthers(
  target: JsonObject,
  value: unknown,
  depth: number,
  key: Key,
  known: ReadonlySet<string>,
  item: Reader<unknown>,
): void {
  if (value === undefined) return
  if (!isObject(value)) {
    note(depth, key, 'an object of other members', value)
    return
  }
  const at = enter(depth, key)
  for (const name of Object.keys(value)) {
    if (known.has(name)) {
      note(at, name, 'a name that the contract does not know', value[name], 'one that it knows')
    } else put(target, name, item(value[name], at, name))
  }
}

/** Check how many members an object has, and what they are called. */
export function checkMembers(
  value: unknown,
  depth: number,
  key: Key,
  minimum: number,
  maximum: number,
  name: Reader<unknown> = string,
): void {
  if (!isObject(value)) return
  const names = Object.keys(value)
  if (names.length < minimum || names.length > maximum) {
    const rule = `an object with a number of members${range(minimum, maximum)}`
    note(depth, key, rule, value, `${names.length}`)
  }
  const at = enter(depth, key)
  for (const one of names) name(one, at, one)
}
