'use client'

import { useEffect, useState } from 'react'
import { tokenOf } from './invitation-link.ts'

/**
 * The token of the link that was opened: undefined at first, null where there is none.
 *
 * It leaves the address at once, so that it is in no history and no bookmark, and stays in this
 * page's memory alone.
 */
export function useLinkToken(): string | null | undefined {
  const [token, setToken] = useState<string | null | undefined>()
  useEffect(() => {
    const take = () => {
      const given = tokenOf(window.location.hash)
      if (given !== null) window.history.replaceState(null, '', window.location.pathname)
      setToken((known) => given ?? known ?? null)
    }
    take()
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [])
  return token
}
