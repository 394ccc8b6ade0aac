import type { DataTag, QueryClient, QueryKey } from '@tanstack/react-query'

/** What a write is expected to change in one cached answer. */
export interface Patch {
  readonly queryKey: QueryKey
  /** Keeps what is cached now, and returns how to put it back. */
  readonly keep: (queries: QueryClient) => () => void
  /** Changes what is cached now. */
  readonly apply: (queries: QueryClient) => void
}

/**
 * Describes the change of one cached answer. `change` gets the answer and returns a new one; it may
 * be called more than once.
 *
 * @example
 * ```ts
 * patch(readNoteQuery(client, { noteId }).queryKey, (note) => ({ ...note, title }))
 * ```
 */
export function patch<Data, Failure>(
  taggedKey: DataTag<QueryKey, Data, Failure>,
  change: (data: Data) => Data,
): Patch {
  const queryKey: QueryKey = taggedKey
  return {
    queryKey,
    keep(queries) {
      const data = queries.getQueryData<Data>(queryKey)
      const updatedAt = queries.getQueryState(queryKey)?.dataUpdatedAt ?? 0
      return () => {
        if (data !== undefined) queries.setQueryData<Data>(queryKey, data, { updatedAt })
      }
    },
    apply(queries) {
      const data = queries.getQueryData<Data>(queryKey)
      if (data !== undefined) queries.setQueryData<Data>(queryKey, change(data))
    },
  }
}
