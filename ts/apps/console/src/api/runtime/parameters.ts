/** How the values of parameters are written, by the styles of OpenAPI. */
import { isArray, isObject, type JsonObject } from './decoding.ts'

/** Names the style of each parameter that does not have the usual one of its place. */
export type Styles = Readonly<Record<string, Style>>

/**
 * - `csv`, `spaces`, `pipes`: a list in one value, with that between its items. A comma between
 *   items is sent as it is and one inside an item as `%2C`, so the two can be told apart.
 * - `deep`: `filter[name]=value`, to any depth.
 * - `json`: the value as JSON text.
 * - `pairs`: an object as `name=value` with commas between (the exploded `simple` style).
 * - `label`, `label-pairs`, `matrix`, `matrix-pairs`: `.value` and `;name=value`, in paths.
 */
export type Style =
  | 'csv'
  | 'spaces'
  | 'pipes'
  | 'deep'
  | 'json'
  | 'pairs'
  | 'label'
  | 'label-pairs'
  | 'matrix'
  | 'matrix-pairs'

// A URL cannot hold a space or a bar, so these two are encoded like those inside items.
const separators = { csv: ',', spaces: '%20', pipes: '%7C' }

const written = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : `${value}`

/** The values inside a value: items of a list, names and values of an object, or itself. */
export const flattened = (value: unknown): string[] => {
  if (isArray(value)) return value.map(written)
  if (!isObject(value)) return [written(value)]
  return present(value).flatMap(([name, inner]) => [name, written(inner)])
}

/** The members that have a value. Null is none: no parameter can say it. */
export const present = (values: JsonObject): [string, unknown][] =>
  Object.entries(values).filter(([, value]) => value !== undefined && value !== null)

/** A query, or the body of a form: percent-encoded, in the order of the values. */
export const queryText = (values: JsonObject, styles: Styles): string =>
  present(values)
    .map(([name, value]) => parameterText(name, value, styles[name]))
    .filter((text) => text !== '')
    .join('&')

function parameterText(name: string, value: unknown, style: Style | undefined): string {
  if (style !== 'csv' && style !== 'spaces' && style !== 'pipes') {
    return String(new URLSearchParams(queryPairs(name, value, style)))
  }
  const parts = flattened(value).map((part) => pairText('', part).slice(1))
  return parts.length > 0 ? pairText(name, '') + parts.join(separators[style]) : ''
}

const pairText = (name: string, value: string) => String(new URLSearchParams([[name, value]]))

function queryPairs(name: string, value: unknown, style: Style | undefined): [string, string][] {
  if (style === 'json') return [[name, JSON.stringify(value)]]
  if (style === 'deep') return deepPairs(name, value)
  if (isArray(value)) return value.map((item) => [name, written(item)])
  if (isObject(value)) return present(value).map(([key, inner]) => [key, written(inner)])
  return [[name, written(value)]]
}

function deepPairs(name: string, value: unknown): [string, string][] {
  if (!isArray(value) && !isObject(value)) return [[name, written(value)]]
  const members = isArray(value) ? Object.entries(value) : present(value)
  return members.flatMap(([key, inner]) => deepPairs(`${name}[${key}]`, inner))
}

/** One path parameter, percent-encoded. */
export function pathSegment(name: string, value: unknown, style: Style | undefined): string {
  if (value === undefined || value === null) return ''
  // Half of a surrogate pair cannot be encoded; `fetch` would replace it as well.
  const encoded = (part: unknown) =>
    encodeURIComponent(written(part).replaceAll(/\p{Surrogate}/gu, '\ufffd'))
  const items = isArray(value) ? value.map(encoded) : undefined
  const pairs = isObject(value)
    ? present(value).map(([key, inner]) => `${encoded(key)}=${encoded(inner)}`)
    : undefined
  const joined = flattened(value).map(encoded).join(',')
  switch (style) {
    case 'json':
      return encodeURIComponent(JSON.stringify(value))
    case 'pairs':
      return pairs?.join(',') ?? joined
    case 'label':
      return `.${joined}`
    case 'label-pairs':
      return `.${(pairs ?? items ?? [joined]).join('.')}`
    case 'matrix':
      return `;${name}=${joined}`
    case 'matrix-pairs':
      return `;${(pairs ?? (items ?? [joined]).map((item) => `${name}=${item}`)).join(';')}`
    default:
      return joined
  }
}

/** One header parameter. */
export function headerText(value: unknown, style: Style | undefined): string {
  if (style === 'json') return JSON.stringify(value)
  if (style !== 'pairs' || !isObject(value)) return flattened(value).join(',')
  return present(value)
    .map(([key, inner]) => `${key}=${written(inner)}`)
    .join(',')
}
