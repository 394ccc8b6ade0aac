'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { listDatasetsPages, previewDatasetQuery } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'

/** The organisation's datasets, newest first, page by page. */
export function useDatasets() {
  return useInfiniteQuery(listDatasetsPages(useApi()))
}

/** The first rows of a dataset. */
export function usePreview(id: string) {
  return useQuery(previewDatasetQuery(useApi(), { id }))
}
