'use client'

import { createContext, type ReactNode, useContext, useState } from 'react'
import { type Client, createClient } from '#api/runtime/index.ts'

const Api = createContext<Client | null>(null)

/** Gives the pages inside it one client of the service that this page came from. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [api] = useState(() => createClient({ baseUrl: '' }))
  return <Api value={api}>{children}</Api>
}

/** The client that the generated operations and queries are given. */
export function useApi(): Client {
  const api = useContext(Api)
  if (api === null) throw new Error('useApi is for pages inside ApiProvider.')
  return api
}
