'use client'

import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useInsertionEffect,
  useState,
} from 'react'

/** A provider and a hook for the client of one service. */
export interface ClientContext<Client> {
  /** Makes a client for what is inside of it, and closes it when it is removed. */
  readonly ClientProvider: (props: { readonly children?: ReactNode }) => ReactElement
  /** The client of the nearest provider. */
  readonly useClient: () => Client
}

/**
 * Makes the provider and the hook of one service. Each provider that is mounted has a client of its
 * own, so on a server each request has one. Give it the person's id as `key`, and a sign-out stops
 * whatever that person had asked for.
 *
 * @example
 * ```ts
 * export const { ClientProvider, useClient } = createClientContext(() =>
 *   createClient({ baseUrl: '' }),
 * )
 * ```
 */
export function createClientContext<Client extends { close(): void }>(
  create: () => Client,
): ClientContext<Client> {
  const context = createContext<Client | undefined>(undefined)

  function ClientProvider({ children }: { readonly children?: ReactNode }) {
    const [client] = useState(create)
    // Closing is for good. Other effects also end when React only hides or rehearses a component.
    useInsertionEffect(() => () => client.close(), [client])
    return createElement(context.Provider, { value: client }, children)
  }

  function useClient(): Client {
    const client = useContext(context)
    if (client) return client
    throw new Error('useClient found no client. Render its ClientProvider further up.')
  }

  return { ClientProvider, useClient }
}
