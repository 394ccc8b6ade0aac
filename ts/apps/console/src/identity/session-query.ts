import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { keys } from '#api/keys.ts'
import { getCurrentSessionOperation } from '#api/operations.ts'
import type { Client } from '#api/runtime/index.ts'
import { result } from '#api/runtime/result.ts'
import type { Session } from '#api/types.ts'

/** The session as the server knows it: the data is null when nobody is signed in. */
export const sessionQuery = (client: Client) =>
  queryOptions({
    queryKey: keys.getCurrentSession,
    queryFn: async ({ client: queries, signal }) => {
      const session = await findSession(client, signal)
      if (session !== null) forgetOthers(queries, session)
      return session
    },
    staleTime: 30_000,
    refetchOnWindowFocus: true,
    retry: false,
  })

/** Takes note that somebody has signed in. */
export function enterSession(queries: QueryClient, session: Session): void {
  forgetOthers(queries, session)
  queries.setQueryData(keys.getCurrentSession, session)
}

/** Takes note that nobody is signed in any more. */
export function endSession(queries: QueryClient): void {
  queries.setQueryData(keys.getCurrentSession, null)
}

async function findSession(client: Client, signal: AbortSignal): Promise<Session | null> {
  const outcome = await result(client, getCurrentSessionOperation, undefined, { signal })
  if (outcome.ok) return outcome.value
  if (outcome.error.kind === 'problem' && outcome.error.status === 401) return null
  throw outcome.error
}

/** Nothing that another account has seen in this window may be shown to this one. */
function forgetOthers(queries: QueryClient, { person, organisation }: Session): void {
  const known = queries.getQueryData<Session>(keys.getCurrentSession)
  if (known?.person.id === person.id && known.organisation.id === organisation.id) return
  const [, session] = keys.getCurrentSession
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== session })
}
