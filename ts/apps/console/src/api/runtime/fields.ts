import type { Decode, Issue } from './decoded.ts'

/** What can be selected of an item. */
export interface Selection<Item> {
  /** The wire name of each member. */
  readonly wire: { readonly [Key in keyof Item]-?: string }
  /** The members that the service may leave out although they were asked for. */
  readonly optional: readonly (keyof Item)[]
  /** Decodes an item of which any member may be absent. */
  readonly decode: Decode<Partial<Item>>
}

/** The `fields` parameter for some members, and the decoder of what comes back. */
export interface SelectedFields<Item, Key extends keyof Item> {
  readonly parameter: string
  readonly decode: Decode<Pick<Item, Key>>
}

/**
 * Asks for some members of an item only. The decoder refuses an item that lacks one of them.
 *
 * @example
 * ```ts
 * const fields = selectFields(predictionSelection, ['id', 'createdAt'])
 * // fields.parameter === 'id,created_at'
 * ```
 */
export function selectFields<Item, Key extends keyof Item>(
  { wire, optional, decode }: Selection<Item>,
  keys: readonly Key[],
): SelectedFields<Item, Key> {
  const missing = (item: Partial<Item>) =>
    keys.filter((key) => !(key in item) && !optional.includes(key))
  const isComplete = (item: Partial<Item>): item is Pick<Item, Key> & Partial<Item> =>
    missing(item).length === 0
  return {
    parameter: keys.map((key) => wire[key]).join(','),
    decode: (value) => {
      const decoded = decode(value)
      if (!decoded.ok) return decoded
      if (isComplete(decoded.value)) return { ok: true, value: decoded.value }
      const issues = missing(decoded.value).map(
        (key): Issue => ({ pointer: `/${wire[key]}`, message: 'is missing', rule: 'required' }),
      )
      return { ok: false, issues }
    },
  }
}
