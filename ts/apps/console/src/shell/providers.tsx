'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { isSignInRequired, isTransient } from '#api/errors.ts'
import { SESSION_KEY } from '#identity/session.tsx'

const MAXIMUM_RETRIES = 2

/** What every page stands on. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeQueryClient)
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}

function makeQueryClient(): QueryClient {
  // Whichever request learns that the session has ended tells it to the whole console.
  const onError = (error: unknown) => {
    if (isSignInRequired(error)) client.setQueryData(SESSION_KEY, null)
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A request that cannot be sent fails and says so, instead of waiting without a word.
        networkMode: 'always',
        retry: (failures, error) => failures < MAXIMUM_RETRIES && isTransient(error),
        staleTime: 10_000,
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}
