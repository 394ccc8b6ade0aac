'use client'

import { useEffect, useState } from 'react'
import { tokenOf } from './invitation-link.ts'

const KEPT = 'lockstitch-invitation'

/**
 * The token of the link that was opened: undefined at first, null where there is none.
 *
 * It stands behind `#`, which no browser sends to a server. It leaves the address at once, and waits
 * in this tab alone while the person signs in.
 */
export function useInvitationToken(): string | null | undefined {
  const [token, setToken] = useState<string | null | undefined>()
  useEffect(() => {
    const take = () => setToken(takeToken())
    take()
    // A second link opened in the same tab changes nothing but what stands behind `#`.
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [])
  return token
}

/** Forgets the token once it is spent. */
export function forgetInvitation(): void {
  sessionStorage.removeItem(KEPT)
}

function takeToken(): string | null {
  const given = tokenOf(window.location.hash)
  if (given === null) return sessionStorage.getItem(KEPT)
  sessionStorage.setItem(KEPT, given)
  window.history.replaceState(null, '', window.location.pathname)
  return given
}
