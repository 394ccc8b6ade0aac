'use client'

import { useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import type { Session } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { sessionQuery } from './session-query.ts'

/** The session as the server knows it: data is null when nobody is signed in. */
export function useSession() {
  return useQuery(sessionQuery(useApi()))
}

const SignedIn = createContext<Session | null>(null)

export const SignedInProvider = SignedIn.Provider

/** The session of the page; only pages inside the shell have one. */
export function useSignedIn(): Session {
  const session = useContext(SignedIn)
  if (session === null) throw new Error('useSignedIn is for pages inside the shell.')
  return session
}
