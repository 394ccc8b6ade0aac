import { UndecodableResponse } from './errors.ts'
import type { Json, JsonObject } from './json.ts'

/** A part of a response together with its JSON pointer, so that a misfit can say where it is. */
export class Reading {
  readonly value: unknown
  readonly pointer: string

  constructor(value: unknown, pointer = '') {
    this.value = value
    this.pointer = pointer
  }

  /** The member of an object; a missing one reads as `undefined`. */
  member(name: string): Reading {
    if (!isRecord(this.value)) throw new UndecodableResponse(this.pointer, 'an object was expected')
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1')
    return new Reading(this.value[name], `${this.pointer}/${token}`)
  }

  string(): string {
    if (typeof this.value === 'string') return this.value
    throw new UndecodableResponse(this.pointer, 'a text was expected')
  }

  number(): number {
    if (typeof this.value === 'number') return this.value
    throw new UndecodableResponse(this.pointer, 'a number was expected')
  }

  instant(): Date {
    const instant = new Date(this.string())
    if (!Number.isNaN(instant.getTime())) return instant
    throw new UndecodableResponse(this.pointer, 'a date with time was expected')
  }

  oneOf<const Choice extends string>(choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.value)
    if (found !== undefined) return found
    throw new UndecodableResponse(this.pointer, `one of ${choices.join(', ')} was expected`)
  }

  list<Item>(read: (item: Reading) => Item): Item[] {
    if (!Array.isArray(this.value)) {
      throw new UndecodableResponse(this.pointer, 'a list was expected')
    }
    return this.value.map((item: unknown, index) =>
      read(new Reading(item, `${this.pointer}/${index}`)),
    )
  }

  /** The value, or null where it is null or missing. */
  orNull<Value>(read: (reading: Reading) => Value): Value | null {
    return this.value === null || this.value === undefined ? null : read(this)
  }

  json(): Json {
    const { value } = this
    if (value === null || typeof value === 'string') return value
    if (typeof value === 'boolean' || typeof value === 'number') return value
    if (Array.isArray(value)) return this.list((item) => item.json())
    return this.object()
  }

  object(): JsonObject {
    return this.dictionary((member) => member.json())
  }

  /** An object whose keys are data, not names. */
  dictionary<Value>(read: (member: Reading) => Value): { [name: string]: Value } {
    if (!isRecord(this.value)) throw new UndecodableResponse(this.pointer, 'an object was expected')
    return Object.fromEntries(
      Object.keys(this.value).map((name) => [name, read(this.member(name))]),
    )
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
