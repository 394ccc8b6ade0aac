'use client'

import { useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { currentSession, type Session } from '#api/accounts.ts'

export const SESSION_KEY = ['session'] as const

/** The session as the server knows it: data is null when nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => currentSession(signal),
    staleTime: 30_000,
    refetchOnWindowFocus: true,
  })
}

const SignedIn = createContext<Session | null>(null)

export const SignedInProvider = SignedIn.Provider

/** The session of the page; only pages inside the shell have one. */
export function useSignedIn(): Session {
  const session = useContext(SignedIn)
  if (session === null) throw new Error('useSignedIn is for pages inside the shell.')
  return session
}
