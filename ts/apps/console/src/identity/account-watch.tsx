'use client'

import { useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react'
import type { Session } from '#api/types.ts'
import { useSession } from './session.tsx'
import { isSameAccount, recheckSession } from './session-query.ts'

const CHANNEL = 'lockstitch-account'

type Watch = {
  /** Whether this tab showed one account and now shows another, and nobody has read so yet. */
  readonly changed: boolean
  /** Takes note that the change has been read. */
  readonly acknowledge: () => void
  /** Tells the other tabs that somebody has signed in or out in this one. */
  readonly announce: () => void
}

const AccountWatch = createContext<Watch | null>(null)

/** Keeps this tab in step with the account that any tab of the browser has signed in to. */
export function AccountWatchProvider({ children }: { children: ReactNode }) {
  const announce = useOtherTabs()
  const { changed, acknowledge } = useChangedAccount()
  return <AccountWatch value={{ changed, acknowledge, announce }}>{children}</AccountWatch>
}

export function useAccountWatch(): Watch {
  const watch = useContext(AccountWatch)
  if (watch === null) throw new Error('useAccountWatch is for pages inside AccountWatchProvider.')
  return watch
}

/** Asks who is signed in when another tab says so or the window is turned to; tells the others. */
function useOtherTabs(): () => void {
  const queries = useQueryClient()
  const channel = useRef<BroadcastChannel | null>(null)
  useEffect(() => {
    const own = new BroadcastChannel(CHANNEL)
    const recheck = () => void recheckSession(queries)
    own.addEventListener('message', recheck)
    // Of two windows side by side both stay visible, so that visibility alone says nothing.
    window.addEventListener('focus', recheck)
    channel.current = own
    return () => {
      window.removeEventListener('focus', recheck)
      own.close()
    }
  }, [queries])
  return useCallback(() => channel.current?.postMessage('changed'), [])
}

function useChangedAccount() {
  const session = useSession().data ?? null
  const [shown, setShown] = useState<Session | null>(null)
  const [changed, setChanged] = useState(false)
  if (session !== null && !isSameAccount(session, shown)) {
    setShown(session)
    setChanged(shown !== null)
  }
  return { changed, acknowledge: useCallback(() => setChanged(false), []) }
}
