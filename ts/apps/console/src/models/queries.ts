'use client'

import { useQuery } from '@tanstack/react-query'
import { getModelQuery, listModelsQuery } from '#api/queries.ts'
import type { ModelSummary } from '#api/types.ts'
import { useApi } from '#service/api.tsx'

const WHILE_LOADING_MILLISECONDS = 1500

/** Every model, asked again while one of them is still loading. */
export function useModels() {
  return useQuery({
    ...listModelsQuery(useApi()),
    refetchInterval: ({ state }) => pauseFor(state.data?.items ?? []),
    select: ({ items }) => items,
  })
}

/** One model, asked again while it is still loading. */
export function useModel(name: string) {
  return useQuery({
    ...getModelQuery(useApi(), { name }),
    refetchInterval: ({ state }) => pauseFor(state.data ? [state.data] : []),
  })
}

function pauseFor(models: readonly ModelSummary[]): number | false {
  return models.some((model) => model.state === 'loading') && WHILE_LOADING_MILLISECONDS
}
