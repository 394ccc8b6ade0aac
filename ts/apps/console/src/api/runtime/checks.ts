/** Decoders of what is not a type of the contract: texts, bytes, lines, no body at all. */

import { list } from './containers.ts'
import type { Decode, Decoded } from './decoded.ts'
import { decoded, type Reader, string } from './decoding.ts'
import { blob } from './formats.ts'

/** A body that the contract does not describe: whatever is there, nobody reads it. */
export const unread: Decode<undefined> = () => ({ ok: true, value: undefined })

/** A body of which the contract tells only that there is one. */
export const unchecked: Decode<unknown> = (value) => ({ ok: true, value })

/** A text. */
export const text: Decode<string> = (value) => decoded(string, value)

/** Bytes. */
export const bytes: Decode<Blob> = (value) => decoded(blob, value)

/** The JSON of a body that was read as text, because another success of the operation is one. */
export const parsed =
  <Value>(decode: Decode<Value>): Decode<Value> =>
  (value) => {
    const json = jsonOf(value)
    return json.ok ? decode(json.value) : json
  }

/** JSON lines. */
export const lines =
  <Line>(read: Reader<Line>): Decode<Line[]> =>
  (value) => {
    const found: unknown[] = []
    for (const line of String(value).split('\n')) {
      if (!line.trim()) continue
      const json = jsonOf(line)
      if (!json.ok) return json
      found.push(json.value)
    }
    return decoded((all, depth, key) => list(all, depth, key, read), found)
  }

function jsonOf(value: unknown): Decoded<unknown> {
  try {
    return { ok: true, value: JSON.parse(String(value)) }
  } catch {
    return { ok: false, issues: [{ pointer: '', message: 'Should be JSON.', rule: 'json' }] }
  }
}

/** The data of an event whose type says nothing. */
export const eventData =
  <Data>(decode: Decode<Data>): Decode<Data> =>
  (event) => {
    const { data }: { data?: unknown } = Object(event)
    return decode(data)
  }

/** An event of a stream that the contract does not describe further. */
export interface UntypedEvent {
  readonly type: string
  readonly data: unknown
}

export const untypedEvent: Decode<UntypedEvent> = (event) => {
  const { type, data }: { type?: unknown; data?: unknown } = Object(event)
  return { ok: true, value: { type: String(type), data } }
}

/** Every item through the decoder; the issues tell at which place of the list they are. */
export function each<Item>(
  pointer: string,
  values: readonly unknown[],
  decode: Decode<Item>,
): Decoded<Item[]> {
  const items: Item[] = []
  const issues = values.flatMap((value, index) => {
    const item = decode(value)
    if (item.ok) items.push(item.value)
    return item.ok
      ? []
      : item.issues.map((issue) => ({ ...issue, pointer: `${pointer}/${index}${issue.pointer}` }))
  })
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: items }
}
