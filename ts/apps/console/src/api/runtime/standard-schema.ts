/** Standard Schema v1 (https://standardschema.dev), so that form and other libraries can validate. */
import { decoded, isArray, isObject, type Reader } from './decoding.ts'

/** The part of the specification that a schema needs. */
export interface StandardSchema<Input, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'lockstitch'
    readonly validate: (value: unknown) => StandardResult<Output>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path: readonly PropertyKey[]
}

const keysOf = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Checks what came over the wire and turns it into the typed value. */
export const wireSchema = <Output>(read: Reader<Output>): StandardSchema<unknown, Output> => ({
  '~standard': {
    version: 1,
    vendor: 'lockstitch',
    validate(value) {
      const result = decoded(read, value)
      if (result.ok) return { value: result.value }
      return {
        issues: result.issues.map(({ message, pointer }) => ({ message, path: keysOf(pointer) })),
      }
    },
  },
})

/**
 * Checks a typed value, as a form has it, before it is sent. Paths have the names of TypeScript;
 * `memberName` makes them of those on the wire.
 */
export const valueSchema = <Value>(
  write: Reader<unknown>,
  memberName: (wire: string) => string,
): StandardSchema<Value> => {
  const issuesOf = (value: unknown): StandardIssue[] => {
    const result = decoded(write, value)
    if (result.ok) return []
    return result.issues.map(({ message, pointer }) => ({
      message,
      path: memberPath(value, pointer, memberName),
    }))
  }
  // The encoder takes every member that the type has, so a value without issues is of the type.
  const fits = (_: unknown, issues: readonly StandardIssue[]): _ is Value => issues.length === 0
  return {
    '~standard': {
      version: 1,
      vendor: 'lockstitch',
      validate(value) {
        const issues = issuesOf(value)
        return fits(value, issues) ? { value } : { issues }
      },
    },
  }
}

function memberPath(
  value: unknown,
  pointer: string,
  memberName: (wire: string) => string,
): PropertyKey[] {
  let place = value
  return keysOf(pointer).map((wire) => {
    if (isArray(place)) {
      place = place[Number(wire)]
      return Number(wire)
    }
    const inside = isObject(place) ? place : {}
    // The keys of a dictionary are data and stand there as they are.
    const key = Object.hasOwn(inside, wire) ? wire : memberName(wire)
    place = inside[key]
    return key
  })
}

/** `created_at` as TypeScript has it: `createdAt`. The same rule that the generator follows. */
export function camelCase(wire: string): string {
  const [, before = '', bare = '', after = ''] = /^(_*)([\s\S]*?)(_*)$/.exec(wire) ?? []
  if (!/^[A-Za-z][A-Za-z0-9]*(?:[_\-. ]+[A-Za-z0-9]+)+$/.test(bare)) return wire
  const [first = '', ...rest] = bare.split(/[_\-. ]+/)
  return before + lowered(first) + rest.map(capital).join('') + after
}

const isAcronym = (word: string) => /^[^a-z]*[A-Z][^a-z]*$/.test(word)

const lowered = (word: string) =>
  isAcronym(word) ? word.toLowerCase() : word.slice(0, 1).toLowerCase() + word.slice(1)

const capital = (word: string) => {
  const plain = /^[A-Z]{2,}$/.test(word) ? word.slice(0, 1) + word.slice(1).toLowerCase() : word
  return plain.slice(0, 1).toUpperCase() + plain.slice(1)
}

/** The name on the wire, for contracts that are generated without renaming. */
export const wireName = (wire: string): string => wire
