import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { keys } from '#api/keys.ts'
import { getCurrentSessionOperation } from '#api/operations.ts'
import { AbortedError, type Client } from '#api/runtime/index.ts'
import { result } from '#api/runtime/result.ts'
import type { Session } from '#api/types.ts'

/** The session as the server knows it: the data is null when nobody is signed in. */
export const sessionQuery = (client: Client) =>
  queryOptions({
    queryKey: keys.getCurrentSession,
    queryFn: async ({ client: queries, signal }) => {
      const session = await findSession(client, signal)
      forgetOthers(queries, session)
      return session
    },
    staleTime: 30_000,
    // Another tab shares the cookie and may have changed the account meanwhile.
    refetchOnWindowFocus: 'always',
    retry: false,
  })

/** Takes note that somebody has signed in. */
export function enterSession(queries: QueryClient, session: Session): void {
  forgetOthers(queries, session)
  queries.setQueryData(keys.getCurrentSession, session)
}

/** Takes note that nobody is signed in any more. */
export function endSession(queries: QueryClient): void {
  forgetOthers(queries, null)
  queries.setQueryData(keys.getCurrentSession, null)
}

/** Asks the server at once who is signed in now; an answer that is under way does not count. */
export function recheckSession(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.getCurrentSession })
}

/**
 * Fails unless the server still takes this browser for the account that the page shows.
 *
 * The cookie belongs to all tabs, so what a page sends counts for whoever signed in last in any
 * of them. A write must not leave in another's name, so it waits for this.
 */
export async function confirmAccount(
  queries: QueryClient,
  client: Client,
  shown: Session,
): Promise<void> {
  const session = await queries.fetchQuery({ ...sessionQuery(client), staleTime: 0 })
  if (isSameAccount(session, shown)) return
  throw new AbortedError({ operation: getCurrentSessionOperation.id, requestId: '', attempts: 0 })
}

/** Whether both are of one person in one organisation, or both of nobody. */
export function isSameAccount(one: Session | null, other: Session | null): boolean {
  return one?.person.id === other?.person.id && one?.organisation?.id === other?.organisation?.id
}

async function findSession(client: Client, signal: AbortSignal): Promise<Session | null> {
  const outcome = await result(client, getCurrentSessionOperation, undefined, { signal })
  if (outcome.ok) return outcome.value
  if (outcome.error.kind === 'problem' && outcome.error.status === 401) return null
  throw outcome.error
}

/** Nothing that another account has seen in this window may be shown to this one. */
function forgetOthers(queries: QueryClient, session: Session | null): void {
  const known = queries.getQueryData<Session | null>(keys.getCurrentSession) ?? null
  if (isSameAccount(known, session)) return
  const [, kept] = keys.getCurrentSession
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== kept })
}
