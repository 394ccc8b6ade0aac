'use client'

import { QueryClientProvider, QueryErrorResetBoundary } from '@tanstack/react-query'
import {
  createElement,
  type ReactElement,
  type ReactNode,
  useInsertionEffect,
  useState,
} from 'react'
import { ErrorBoundary, type ErrorBoundaryProps } from './error-boundary.ts'
import { createQueryClient } from './query-client.ts'

/**
 * Gives what is inside of it a cache of its own, so on a server each request has one. When it is
 * removed, reads under way are aborted and the answers are forgotten.
 */
export function QueryProvider({ children }: { readonly children?: ReactNode }): ReactElement {
  const [client] = useState(createQueryClient)
  useInsertionEffect(
    () => () => {
      void client.cancelQueries()
      // Readers leave after this, and each would start a timer for what it has read.
      setTimeout(() => client.clear())
    },
    [client],
  )
  return createElement(QueryClientProvider, { client }, children)
}

/** An {@link ErrorBoundary} whose retry also asks again for the reads that failed inside of it. */
export function QueryErrorBoundary({ onRetry, ...props }: ErrorBoundaryProps): ReactElement {
  return createElement(QueryErrorResetBoundary, {
    children: ({ reset }) =>
      createElement(ErrorBoundary, {
        ...props,
        onRetry() {
          reset()
          onRetry?.()
        },
      }),
  })
}
