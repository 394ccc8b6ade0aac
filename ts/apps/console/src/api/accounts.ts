import { isSignInRequired } from './errors.ts'
import type { Reading } from './reading.ts'
import { send } from './transport.ts'

/** Who is signed in, and for which organisation. */
export type Session = {
  readonly person: { readonly id: string; readonly email: string }
  readonly organisation: { readonly id: string; readonly name: string; readonly role: string }
  readonly createdAt: Date
  readonly expiresAt: Date
}

export type Credentials = { readonly email: string; readonly password: string }

export type NewAccount = Credentials & { readonly organisationName: string | null }

/** Creates an account with its organisation, and signs in. */
export function signUp({ email, password, organisationName }: NewAccount): Promise<Session> {
  const organisation = organisationName === null ? {} : { organisation_name: organisationName }
  const body = { email, password, ...organisation }
  return send({ method: 'POST', path: '/v1/accounts', body, read: readSession })
}

export function signIn({ email, password }: Credentials): Promise<Session> {
  const body = { email, password }
  return send({ method: 'POST', path: '/v1/sessions', body, read: readSession })
}

/** The session of the cookie, or null when nobody is signed in. */
export async function currentSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return await send({
      method: 'GET',
      path: '/v1/sessions/current',
      signal,
      read: readSession,
    })
  } catch (error) {
    if (isSignInRequired(error)) return null
    throw error
  }
}

export function signOut(): Promise<null> {
  return send({ method: 'DELETE', path: '/v1/sessions/current', read: () => null })
}

function readSession(session: Reading): Session {
  const person = session.member('person')
  const organisation = session.member('organisation')
  return {
    person: { id: person.member('id').string(), email: person.member('email').string() },
    organisation: {
      id: organisation.member('id').string(),
      name: organisation.member('name').string(),
      role: organisation.member('role').string(),
    },
    createdAt: session.member('created_at').instant(),
    expiresAt: session.member('expires_at').instant(),
  }
}
