/**
 * Contract-true values from a seed. `lockstitch mock` follows the same recipes with the same random
 * numbers, so one seed gives one value in both.
 *
 * @module
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/** How a text is put together; a string is itself, an array is its parts one after the other. */
export type Piece =
  | string
  | readonly Piece[]
  | { readonly characters: string }
  | { readonly oneOf: readonly Piece[] }
  | { readonly repeat: Piece; readonly least: number; readonly most: number }

/** How a value of a schema is made. */
export type Recipe =
  | { readonly kind: 'pick'; readonly values: readonly Json[] }
  | NumberRecipe
  | { readonly kind: 'text'; readonly text: Piece }
  | ArrayRecipe
  | ObjectRecipe
  | { readonly kind: 'oneOf'; readonly choices: readonly Recipe[] }
  | { readonly kind: 'named'; readonly recipe: () => Recipe }

/** `(low + n) * step / scale` for some n below `count`. */
export interface NumberRecipe {
  readonly kind: 'number'
  readonly low: number
  readonly count: number
  /** @default 1 */
  readonly step?: number
  /** @default 1 */
  readonly scale?: number
}

/** The items of `prefix`, then between `least` and `most` others. */
export interface ArrayRecipe {
  readonly kind: 'array'
  readonly prefix?: readonly Recipe[]
  readonly rest?: Recipe
  readonly least?: number
  readonly most?: number
  readonly distinct?: boolean
}

/** `others` are members whose names are data. */
export interface ObjectRecipe {
  readonly kind: 'object'
  readonly required?: Readonly<Record<string, Recipe>>
  readonly optional?: Readonly<Record<string, Recipe>>
  readonly others?: OtherMembers
}

interface OtherMembers {
  readonly names: readonly string[]
  readonly value: Recipe
  readonly least: number
  readonly most: number
}

// Deeper than this, or beyond so many values, what is optional is left out.
const MAX_DEPTH = 5
const MAX_VALUES = 300
const ATTEMPTS = 20

/** The 32-bit FNV-1a hash of the text's UTF-8 bytes. */
function hashed(text: string): number {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value
}

/** Makes the value of a recipe that belongs to a seed. */
export function mockValue(recipe: Recipe, seed: string): Json {
  let state = hashed(seed)
  let values = 0

  /** A whole number below the limit (mulberry32). */
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit)
  }

  function between(least: number, most: number): number {
    return least + below(most - least + 1)
  }

  function chosen<Item>(items: readonly Item[]): Item {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('A recipe of a mock has nothing to choose from.')
    return item
  }

  function ends(depth: number): boolean {
    return depth >= MAX_DEPTH || values > MAX_VALUES
  }

  function textOf(piece: Piece): string {
    if (typeof piece === 'string') return piece
    if ('characters' in piece) return chosen(Array.from(piece.characters))
    if ('oneOf' in piece) return textOf(chosen(piece.oneOf))
    if (!('repeat' in piece)) return piece.map(textOf).join('')
    const { repeat } = piece
    return Array.from({ length: between(piece.least, piece.most) }, () => textOf(repeat)).join('')
  }

  function arrayOf(recipe: ArrayRecipe, depth: number): Json[] {
    const { prefix = [], rest, least = 0, most = 0, distinct = false } = recipe
    const found = prefix.map((item) => valueFrom(item, depth + 1))
    const drawn = between(least, most)
    const wanted = found.length + (ends(depth) ? least : drawn)
    const seen = new Set(found.map(identity))
    for (let left = distinct ? ATTEMPTS * wanted : wanted; left > 0; left--) {
      if (!rest || found.length >= wanted) break
      const item = valueFrom(rest, depth + 1)
      if (distinct && seen.has(identity(item))) continue
      seen.add(identity(item))
      found.push(item)
    }
    return found
  }

  function othersOf(others: OtherMembers, depth: number): [string, Json][] {
    const { names, least, most, value } = others
    const drawn = between(least, most)
    const start = below(names.length)
    return Array.from({ length: ends(depth) ? least : drawn }, (_, place) => [
      names[(start + place) % names.length] ?? '',
      valueFrom(value, depth + 1),
    ])
  }

  function objectOf({ required = {}, optional = {}, others }: ObjectRecipe, depth: number): Json {
    const found: [string, Json][] = []
    for (const [name, inner] of Object.entries(required)) {
      found.push([name, valueFrom(inner, depth + 1)])
    }
    for (const [name, inner] of Object.entries(optional)) {
      const present = below(4) < 3
      if (present && !ends(depth)) found.push([name, valueFrom(inner, depth + 1)])
    }
    if (others) found.push(...othersOf(others, depth))
    return Object.fromEntries(found)
  }

  function valueFrom(given: Recipe, depth: number): Json {
    if (given.kind === 'named') return valueFrom(given.recipe(), depth)
    values++
    switch (given.kind) {
      case 'pick':
        return chosen(given.values)
      case 'number':
        return ((given.low + below(given.count)) * (given.step ?? 1)) / (given.scale ?? 1)
      case 'text':
        return textOf(given.text)
      case 'array':
        return arrayOf(given, depth)
      case 'object':
        return objectOf(given, depth)
      case 'oneOf': {
        // Drawn in any case, so that depth changes nothing that comes later.
        const drawn = chosen(given.choices)
        return valueFrom(ends(depth) ? (given.choices[0] ?? drawn) : drawn, depth)
      }
    }
  }

  return valueFrom(recipe, 0)
}

/** Like Array.isArray, which does not narrow a read-only array. */
export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** JSON text that is equal for equal values, whatever the order of their members. */
function identity(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(identity).join()}]`
  const members = Object.entries(value).map(
    ([name, one]) => `${JSON.stringify(name)}:${identity(one)}`,
  )
  return `{${members.sort().join()}}`
}
