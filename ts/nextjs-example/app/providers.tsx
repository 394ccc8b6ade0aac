'use client'

import { createClientContext } from '@lockstitch/react'
import { QueryProvider } from '@lockstitch/react/query'
import type { ReactNode } from 'react'
import { createClient } from '../api'

export const { ClientProvider, useClient } = createClientContext(() =>
  createClient({ baseUrl: '/api' }),
)

export function Providers({ children }: { children: ReactNode }) {
  return (
    <ClientProvider>
      <QueryProvider>{children}</QueryProvider>
    </ClientProvider>
  )
}
