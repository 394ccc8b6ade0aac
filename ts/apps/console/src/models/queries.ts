'use client'

import { useQuery } from '@tanstack/react-query'
import { findModel, listModels, type Model } from '#api/models.ts'
import { useSignedIn } from '#identity/session.tsx'

const WHILE_LOADING_MILLISECONDS = 1500

/** Every model, asked again while one of them is still loading. */
export function useModels() {
  const { organisation } = useSignedIn()
  return useQuery({
    queryKey: ['models', organisation.id],
    queryFn: ({ signal }) => listModels(signal),
    refetchInterval: ({ state }) => pauseFor(state.data ?? []),
  })
}

/** One model, asked again while it is still loading. */
export function useModel(name: string) {
  const { organisation } = useSignedIn()
  return useQuery({
    queryKey: ['models', organisation.id, name],
    queryFn: ({ signal }) => findModel(name, signal),
    refetchInterval: ({ state }) => pauseFor(state.data ? [state.data] : []),
  })
}

function pauseFor(models: readonly Model[]): number | false {
  return models.some((model) => model.state === 'loading') && WHILE_LOADING_MILLISECONDS
}
