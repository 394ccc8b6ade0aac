/**
 * What generated decoders and encoders stand on: they walk a value once, in a straight line, and
 * collect every issue with its place instead of stopping at the first.
 *
 * @module
 */

/** The place of a member in its object or array. */
export type Key = string | number

/** A JSON object whose members nobody has looked at yet. */
export type JsonObject = Record<string, unknown>

/** One reason why a value does not match the contract. It never holds the value itself. */
export interface Issue {
  /** JSON pointer of the place, with the names that travel on the wire. */
  readonly pointer: string
  /** What the contract says should be there. */
  readonly rule: string
  /** One sentence for people. */
  readonly message: string
}

/** A value that matches the contract, or every reason why it does not. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Reads one value that stands at `key` of the container `depth` levels down. */
export type Reader<T> = (value: unknown, depth: number, key: Key) => T

// Decoding is synchronous, so one path and one list serve every call.
const path: Key[] = []
let issues: Issue[] = []
// While candidates of a union are tried, what does not fit is counted and not described.
let trials = 0
let misses = 0

/** Read a whole value. */
export function decoded<T>(reader: Reader<T>, value: unknown): Decoded<T> {
  issues = []
  trials = 0
  try {
    const read = reader(value, 0, '')
    return issues.length === 0 ? { ok: true, value: read } : { ok: false, issues }
  } catch (cause) {
    // The stack is used up, by a value that is deeper than any program can walk.
    if (!(cause instanceof RangeError)) throw cause
    const rule = 'nested less deeply'
    return { ok: false, issues: [{ pointer: '', rule, message: `Should be ${rule}.` }] }
  }
}

/** Step into the container at `key`; returns the depth of its members. */
export function enter(depth: number, key: Key): number {
  path[depth] = key
  return depth + 1
}

/**
 * Note an issue and go on. Typed `never`, because {@link decoded} drops the value that is being
 * read as soon as there is an issue. `found` tells what is there instead, where that is more than
 * its type; it never holds the value itself.
 */
export function refuse(
  depth: number,
  key: Key,
  rule: string,
  received: unknown,
  found?: string,
): never
export function refuse(
  depth: number,
  key: Key,
  rule: string,
  received: unknown,
  found = kindOf(received, rule),
): unknown {
  misses++
  if (trials > 0) return undefined
  const keys = [...path.slice(0, depth), key]
  const pointer = keys.map((one) => `${one}`.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  issues.push({ pointer, rule, message: `Should be ${rule}, not ${found}.` })
  return undefined
}

// What a string and a number may be refused by although that is their type.
const ofStrings = /^("|a string|a date|a time|a UUID|an ISO|a decimal|a 64)/
const ofNumbers = /^(-?\d|a number|an integer)/

function kindOf(value: unknown, rule: string): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (isArray(value)) return 'an array'
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value}`
  if (typeof value === 'string' && ofStrings.test(rule)) return 'another string'
  if (typeof value === 'number' && ofNumbers.test(rule)) return 'another number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the value is an array. */
export function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

/** A member that is the object's own; for names that every object inherits, like `constructor`. */
export function own(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

const ORDINARY = { configurable: true, enumerable: true, writable: true }

/** Set a member under any name, `__proto__` included. */
export function put<T>(target: Record<string, T>, name: string, value: NoInfer<T>): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, ...ORDINARY })
}

/** Any value, as it is. */
export function anything(value: unknown, depth: number, key: Key): unknown {
  return value === undefined ? refuse(depth, key, 'a value', value) : value
}

/** A value that no schema accepts. */
export function nothing(value: unknown, depth: number, key: Key): never {
  return refuse(depth, key, 'left out', value)
}

/** Null. */
export function none(value: unknown, depth: number, key: Key): null {
  return value === null ? value : refuse(depth, key, 'null', value)
}

/** True or false. */
export function boolean(value: unknown, depth: number, key: Key): boolean {
  return typeof value === 'boolean' ? value : refuse(depth, key, 'a boolean', value)
}

/** Any string. */
export function string(value: unknown, depth: number, key: Key): string {
  return typeof value === 'string' ? value : refuse(depth, key, 'a string', value)
}

/** A finite number. */
export function number(value: unknown, depth: number, key: Key): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : refuse(depth, key, 'a number', value)
}

/** A finite number within inclusive bounds. */
export function numberIn(
  value: unknown,
  depth: number,
  key: Key,
  minimum: number,
  maximum: number,
): number {
  return typeof value === 'number' && value >= minimum && value <= maximum && Number.isFinite(value)
    ? value
    : refuseNumber(value, depth, key, 'a number', minimum, maximum)
}

/** An integer that JavaScript holds exactly. */
export function integer(value: unknown, depth: number, key: Key): number {
  return typeof value === 'number' && Number.isSafeInteger(value)
    ? value
    : refuse(depth, key, 'an integer below 2^53', value)
}

function refuseNumber(
  value: unknown,
  depth: number,
  key: Key,
  kind: string,
  minimum: number,
  maximum: number,
): never {
  const low = typeof value === 'number' && value < minimum ? 'a lower one' : undefined
  const found = typeof value === 'number' && value > maximum ? 'a greater one' : low
  return refuse(depth, key, kind + range(minimum, maximum), value, found)
}

/** An integer within inclusive bounds that JavaScript holds exactly. */
export function integerIn(
  value: unknown,
  depth: number,
  key: Key,
  minimum: number,
  maximum: number,
): number {
  const exact = typeof value === 'number' && Number.isSafeInteger(value)
  return exact && value >= minimum && value <= maximum
    ? value
    : refuseNumber(value, depth, key, 'an integer', minimum, maximum)
}

/**
 * Whether the number is a multiple as decimals are written: 19.99 is one of 0.01, which a division
 * of floats denies.
 */
export function isMultiple(value: number, step: number): boolean {
  if (!Number.isFinite(value)) return false
  const [digits, places] = decimalOf(value)
  const [stepDigits, stepPlaces] = decimalOf(step)
  const scale = Math.max(places, stepPlaces)
  // No literals like `0n`: projects may compile for engines older than those.
  const units = BigInt(digits + '0'.repeat(scale - places))
  return units % BigInt(stepDigits + '0'.repeat(scale - stepPlaces)) === BigInt(0)
}

/** The digits of the shortest decimal that is this number, and how many stand after the point. */
function decimalOf(value: number): [string, number] {
  const [digits = '', exponent = '0'] = `${value}`.split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  return [whole + fraction, fraction.length - Number(exponent)]
}

/** A string whose length, in code points, is within bounds and in which the pattern is found. */
export function text(
  value: unknown,
  depth: number,
  key: Key,
  minimum: number,
  maximum: number,
  pattern?: RegExp,
): string {
  if (typeof value !== 'string') return refuse(depth, key, 'a string', value)
  if (!hasLength(value, minimum, maximum)) {
    const found = `of length ${[...value].length}`
    return refuse(depth, key, `a string of length${range(minimum, maximum)}`, value, found)
  }
  if (pattern === undefined || pattern.test(value)) return value
  return refuse(depth, key, `a string that matches ${pattern}`, value)
}

function hasLength(value: string, minimum: number, maximum: number): boolean {
  const units = value.length
  // A code point is one or two units: only near a bound must they be counted.
  if (units <= maximum && units >= minimum * 2) return true
  if (units < minimum || units > maximum * 2) return false
  let points = 0
  for (const _ of value) points++
  return points >= minimum && points <= maximum
}

/** One of a few constants. */
export function oneOf<const T extends string | number | boolean>(
  value: unknown,
  depth: number,
  key: Key,
  constants: readonly T[],
): T {
  for (const constant of constants) if (constant === value) return constant
  return refuse(depth, key, constants.map((one) => JSON.stringify(one)).join(' | '), value)
}

/** {@link refuse} where the value is read all the same. */
export function note(
  depth: number,
  key: Key,
  rule: string,
  received: unknown,
  found?: string,
): void {
  const goOn: (...refused: [number, Key, string, unknown, string?]) => unknown = refuse
  goOn(depth, key, rule, received, found)
}

/** A member of a union, with the names that it knows when it is an object. */
export interface Candidate<T> {
  readonly reader: Reader<T>
  readonly names?: ReadonlySet<string>
}

/**
 * Read as the first candidate that fits. Between objects that fit, the one wins that leaves the
 * fewest members unread, so nothing is dropped that another candidate would have kept.
 */
export function firstFit<T>(
  value: unknown,
  depth: number,
  key: Key,
  expected: string,
  candidates: readonly Candidate<T>[],
): T {
  let best: { read: T; unread: number } | undefined
  for (const { reader, names } of candidates) {
    const mark = misses
    trials++
    const read = reader(value, depth, key)
    trials--
    if (misses > mark) {
      // Not a miss of what tries this union in turn, as long as another candidate fits.
      misses = mark
      continue
    }
    const unread = names ? unreadMembers(value, names) : 0
    if (unread === 0) return read
    if (best === undefined || unread < best.unread) best = { read, unread }
  }
  return best === undefined ? refuse(depth, key, expected, value) : best.read
}

function unreadMembers(value: unknown, names: ReadonlySet<string>): number {
  return isObject(value) ? Object.keys(value).filter((name) => !names.has(name)).length : 0
}

/** How bounds read in a sentence. */
export function range(minimum: number, maximum: number): string {
  if (minimum === maximum) return ` of ${minimum}`
  if (maximum === Infinity) return ` from ${minimum}`
  return minimum === -Infinity ? ` up to ${maximum}` : ` from ${minimum} to ${maximum}`
}
