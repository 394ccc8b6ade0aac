/** What caches are asked about their keys. */

/** The `mutate` of SWR, as far as it is needed to ask again for some keys. */
export type MutateMatching = (matches: (key?: unknown) => boolean) => Promise<unknown>

/** Whether a key stands under the beginning that all keys of one operation share. */
export const isUnder =
  (beginning: readonly string[]) =>
  (key?: unknown): boolean =>
    Array.isArray(key) && beginning.every((part, index) => key[index] === part)
