'use client'

import { useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import type { Session, SessionOrganisation } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { sessionQuery } from './session-query.ts'

/** The session as the server knows it: data is null when nobody is signed in. */
export function useSession() {
  return useQuery(sessionQuery(useApi()))
}

/** The session of somebody who acts for an organisation. */
export type SignedInSession = Session & { readonly organisation: SessionOrganisation }

const SignedIn = createContext<SignedInSession | null>(null)

export const SignedInProvider = SignedIn.Provider

/** The session of the page; only pages inside the shell have one. */
export function useSignedIn(): SignedInSession {
  const session = useContext(SignedIn)
  if (session === null) throw new Error('useSignedIn is for pages inside the shell.')
  return session
}
