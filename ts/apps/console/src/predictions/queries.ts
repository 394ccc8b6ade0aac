'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { findPrediction, listPredictions } from '#api/predictions.ts'
import { useSignedIn } from '#identity/session.tsx'

type Cursor = string | null

const FIRST_PAGE: { readonly cursor: Cursor } = { cursor: null }

/** The organisation's predictions, newest first, page by page. */
export function useHistory() {
  const { organisation } = useSignedIn()
  return useInfiniteQuery({
    queryKey: ['predictions', organisation.id, 'list'],
    queryFn: ({ pageParam, signal }) =>
      listPredictions({ model: null, cursor: pageParam.cursor }, signal),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? null : { cursor: nextCursor }),
  })
}

/** One prediction by its id; another organisation's is not found. */
export function usePrediction(id: string) {
  const { organisation } = useSignedIn()
  return useQuery({
    queryKey: ['predictions', organisation.id, 'one', id],
    queryFn: ({ signal }) => findPrediction(id, signal),
    // A prediction never changes once it is made.
    staleTime: Number.POSITIVE_INFINITY,
  })
}
