/**
 * Values that JSON writes as strings: instants become `Date`, the rest stay strings with a brand,
 * so that a calendar date cannot be passed where a duration belongs.
 *
 * @module
 */

import { type Key, refuse } from './decoding.ts'

/** A calendar date, `2026-01-31`. */
export type PlainDate = string & { readonly __format: 'date' }
/** A time of day, `12:30:00`, with or without an offset. */
export type PlainTime = string & { readonly __format: 'time' }
/** An ISO 8601 duration, `P1DT12H`. */
export type Duration = string & { readonly __format: 'duration' }
/** A decimal number of any precision, `12.50`. */
export type Decimal = string & { readonly __format: 'decimal' }
/** A 64-bit integer in decimal digits. */
export type Int64 = string & { readonly __format: 'int64' }
/** A UUID. */
export type Uuid = string & { readonly __format: 'uuid' }

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/iu
const DAYS = /^(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?D)?$/u
const WEEKS = /^\d+(?:[.,]\d+)?W$/u
const HOURS = /^(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?$/u
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu
const INTEGER = /^-?\d{1,19}$/u

/** Two ASCII digits as a number, or -1. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1)
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Days from 1970-01-01 to the calendar date at the start of the text, or NaN if there is none. */
function dayNumber(text: string): number {
  const century = pair(text, 0)
  const short = pair(text, 2)
  const month = pair(text, 5)
  const day = pair(text, 8)
  const year = century * 100 + short
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return NaN
  if (century < 0 || short < 0 || year === 0 || month < 1 || month > 12 || day < 1) return NaN
  if (day > 28 && day > daysInMonth(year, month)) return NaN
  // Years begin in March here, so that the leap day is the last of a year.
  const shifted = month <= 2 ? year - 1 : year
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const leaps = (shifted >> 2) - ((shifted / 100) | 0) + ((shifted / 400) | 0)
  return shifted * 365 + leaps + dayOfYear - 719_468
}

/** Minutes east of UTC that the text ends with from `at`, or NaN. */
function offsetMinutes(text: string, at: number, naive: number): number {
  if (at === text.length) return naive
  const sign = text.charCodeAt(at)
  if (sign === 90 || sign === 122) return at + 1 === text.length ? 0 : NaN
  if (sign !== 43 && sign !== 45) return NaN
  const hours = pair(text, at + 1)
  const minutes = pair(text, at + 4)
  if (text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return NaN
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN
  return sign === 45 ? -hours * 60 - minutes : hours * 60 + minutes
}

/**
 * Milliseconds since 1970 of an RFC 3339 date-time, or NaN. Written by hand because `Date.parse`
 * takes 30 February for 1 March, and because this is the hottest path of a decoder.
 */
function instant(text: string, naive: number): number {
  const size = text.length
  if (size < 19) return NaN
  const hours = pair(text, 11)
  const minutes = pair(text, 14)
  const seconds = pair(text, 17)
  // `T` or `t`, as RFC 3339 allows.
  const letter = text.charCodeAt(10) | 32
  if (letter !== 116 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
    return NaN
  }
  let at = 19
  let milliseconds = 0
  if (size > 20 && text.charCodeAt(at) === 46) {
    let scale = 100
    for (at = 20; at < size; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      milliseconds += digit * scale
      scale = (scale / 10) | 0
    }
    if (at === 20) return NaN
  }
  const offset = offsetMinutes(text, at, naive)
  const elapsed = (hours * 3600 + minutes * 60 + seconds) * 1000 + milliseconds
  return dayNumber(text) * 86_400_000 + elapsed - offset * 60_000
}

function dateFrom(value: unknown, depth: number, key: Key, naive: number): Date {
  const time = typeof value === 'string' ? instant(value, naive) : NaN
  return Number.isNaN(time) ? refuse(depth, key, 'a date-time', value) : new Date(time)
}

/** An RFC 3339 date-time with its offset. */
export function dateTime(value: unknown, depth: number, key: Key): Date {
  return dateFrom(value, depth, key, NaN)
}

/** An RFC 3339 date-time; without an offset it is taken for UTC. */
export function dateTimeOrUtc(value: unknown, depth: number, key: Key): Date {
  return dateFrom(value, depth, key, 0)
}

/** The inverse of {@link dateTime}: an RFC 3339 date-time in UTC, to the millisecond. */
export function dateTimeText(value: unknown, depth: number, key: Key): string {
  if (!(value instanceof Date)) return refuse(depth, key, 'a Date', value)
  const year = value.getUTCFullYear()
  if (year >= 1 && year <= 9999) return value.toISOString()
  return refuse(depth, key, 'a valid Date', value, 'one that no text can say')
}

/** Whether the text is a calendar date that exists. */
export function isPlainDate(text: string): text is PlainDate {
  return text.length === 10 && !Number.isNaN(dayNumber(text))
}

/** Whether the text is a time of day. */
export function isPlainTime(text: string): text is PlainTime {
  return TIME.test(text)
}

/** Whether the text is an ISO 8601 duration. */
export function isDuration(text: string): text is Duration {
  const start = text.search(/(?<=^[+-]?P)./u)
  if (start < 0) return false
  const [days = '', hours, ...more] = text.slice(start).split('T')
  if (more.length > 0 || hours === '') return false
  if (hours === undefined) return DAYS.test(days) || WEEKS.test(days)
  return DAYS.test(days) && HOURS.test(hours)
}

/** Whether the text is a decimal number. */
export function isDecimal(text: string): text is Decimal {
  return DECIMAL.test(text)
}

/** Whether the text is an integer of 64 bits. */
export function isInt64(text: string): text is Int64 {
  return INTEGER.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

/** Whether the text is a UUID. */
export function isUuid(text: string): text is Uuid {
  if (text.length !== 36) return false
  for (let at = 0; at < 36; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) continue
    const lower = code | 32
    if (lower >= 97 && lower <= 102) continue
    if (code !== 45) return false
    if (at !== 8 && at !== 13 && at !== 18 && at !== 23) return false
  }
  // Hyphens stand nowhere else by now; digits must not stand in their places.
  return (
    text.charCodeAt(8) === 45 &&
    text.charCodeAt(13) === 45 &&
    text.charCodeAt(18) === 45 &&
    text.charCodeAt(23) === 45
  )
}

/** A calendar date. */
export function plainDate(value: unknown, depth: number, key: Key): PlainDate {
  return typeof value === 'string' && isPlainDate(value)
    ? value
    : refuse(depth, key, 'a date', value)
}

/** A time of day. */
export function plainTime(value: unknown, depth: number, key: Key): PlainTime {
  return typeof value === 'string' && isPlainTime(value)
    ? value
    : refuse(depth, key, 'a time', value)
}

/** An ISO 8601 duration. */
export function duration(value: unknown, depth: number, key: Key): Duration {
  return typeof value === 'string' && isDuration(value)
    ? value
    : refuse(depth, key, 'an ISO 8601 duration', value)
}

/** A decimal number in a string. */
export function decimal(value: unknown, depth: number, key: Key): Decimal {
  return typeof value === 'string' && isDecimal(value)
    ? value
    : refuse(depth, key, 'a decimal number in a string', value)
}

/** A 64-bit integer in a string. */
export function int64(value: unknown, depth: number, key: Key): Int64 {
  return typeof value === 'string' && isInt64(value)
    ? value
    : refuse(depth, key, 'a 64-bit integer in a string', value)
}

/** A UUID. */
export function uuid(value: unknown, depth: number, key: Key): Uuid {
  return typeof value === 'string' && isUuid(value) ? value : refuse(depth, key, 'a UUID', value)
}

/** A file or another piece of binary data. */
export function blob(value: unknown, depth: number, key: Key): Blob {
  return value instanceof Blob ? value : refuse(depth, key, 'a Blob', value)
}
