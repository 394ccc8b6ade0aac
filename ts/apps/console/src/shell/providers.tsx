'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { AccountWatchProvider } from '#identity/account-watch.tsx'
import { endSession, recheckSession } from '#identity/session-query.ts'
import { ApiProvider } from '#service/api.tsx'
import { type Failure, isSessionChange, isSignInRequired } from '#service/failure.ts'

/** What every page stands on. */
export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(makeQueryClient)
  return (
    <ApiProvider>
      <QueryClientProvider client={queries}>
        <AccountWatchProvider>{children}</AccountWatchProvider>
      </QueryClientProvider>
    </ApiProvider>
  )
}

function makeQueryClient(): QueryClient {
  // Whichever request learns that the session has ended or changed tells it to the whole console.
  const onError = (failure: Failure) => {
    if (isSignInRequired(failure)) endSession(queries)
    else if (isSessionChange(failure)) void recheckSession(queries)
  }
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // A request that cannot be sent fails and says so, instead of waiting without a word.
      queries: { networkMode: 'always', staleTime: 10_000 },
      mutations: { networkMode: 'always' },
    },
  })
  return queries
}
