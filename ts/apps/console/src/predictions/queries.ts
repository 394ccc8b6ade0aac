'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getPredictionQuery, listPredictionsPages } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'

/** The organisation's predictions, newest first, page by page. */
export function useHistory() {
  return useInfiniteQuery(listPredictionsPages(useApi()))
}

/** One prediction by its id; another organisation's is not found. */
export function usePrediction(id: string) {
  return useQuery(getPredictionQuery(useApi(), { id }))
}
