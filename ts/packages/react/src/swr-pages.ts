'use client'

import { useEffect } from 'react'
import { useSWRConfig } from 'swr'
import useSwrInfinite, {
  type SWRInfiniteConfiguration,
  type SWRInfiniteResponse,
  unstable_serialize,
} from 'swr/infinite'
import { withoutAbort } from './failure.ts'
import { readersOf } from './readers.ts'

/** What the factories of the generated `swr.ts` return for a read that comes in pages. */
export type ReadPages<Page, Key extends readonly unknown[]> = readonly [
  keyOf: (index: number, previous: Page | null) => Key | null,
  fetch: (key: Key, options?: { readonly signal: AbortSignal }) => Promise<Page>,
  configuration: SWRInfiniteConfiguration,
]

/**
 * `useSWRInfinite` for a generated read, which SWR alone would leave running: when the last
 * component that uses it is gone, the requests for its pages are aborted. `null` reads nothing.
 *
 * @example
 * ```ts
 * const { data, size, setSize } = useReadPages(listNotesSwrPages(useClient()))
 * ```
 */
export function useReadPages<Page, Key extends readonly unknown[]>(
  read: ReadPages<Page, Key> | null,
  configuration?: SWRInfiniteConfiguration<Page>,
): SWRInfiniteResponse<Page> {
  const { cache } = useSWRConfig()
  const [keyOf, fetch, own] = read ?? [() => null]
  const readers = readersOf(cache, unstable_serialize(keyOf))
  useEffect(() => readers.enter(), [readers])
  const response = useSwrInfinite<Page>(
    keyOf,
    fetch ? (key: Key) => fetch(key, { signal: readers.signal }) : null,
    { ...own, ...configuration },
  )
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
    size: response.size,
    setSize: response.setSize,
    mutate: response.mutate,
  }
}
