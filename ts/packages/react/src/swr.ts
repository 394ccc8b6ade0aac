'use client'

import { useEffect } from 'react'
import useSwr, {
  type SWRConfiguration,
  type SWRResponse,
  unstable_serialize,
  useSWRConfig,
} from 'swr'
import { withoutAbort } from './failure.ts'
import { readersOf } from './readers.ts'

export { type ReadPages, useReadPages } from './swr-pages.ts'

/** What the factories of the generated `swr.ts` return for a read. */
export type Read<Data> = readonly [
  key: readonly unknown[],
  fetch: (key?: unknown, options?: { readonly signal: AbortSignal }) => Promise<Data>,
  configuration: SWRConfiguration,
]

/**
 * `useSWR` for a generated read, which SWR alone would leave running: when the last component that
 * uses it is gone, the request is aborted. `null` reads nothing.
 *
 * @example
 * ```ts
 * const { data, error } = useRead(readNoteSwr(useClient(), { noteId }))
 * ```
 */
export function useRead<Data>(
  read: Read<Data> | null,
  configuration?: SWRConfiguration<Data>,
): SWRResponse<Data> {
  const { cache } = useSWRConfig()
  const [key, fetch, own] = read ?? [null]
  const readers = readersOf(cache, unstable_serialize(key))
  useEffect(() => readers.enter(), [readers])
  const response = useSwr<Data>(key, fetch ? () => fetch(key, { signal: readers.signal }) : null, {
    ...own,
    ...configuration,
  })
  return {
    get data() {
      return response.data
    },
    get error() {
      return withoutAbort(response.error)
    },
    get isLoading() {
      return response.isLoading
    },
    get isValidating() {
      return response.isValidating
    },
    mutate: response.mutate,
  }
}
