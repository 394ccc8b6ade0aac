'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { NetworkError } from '#api/runtime/index.ts'
import { OfflineIcon } from '#ui/icons.tsx'

const SENTENCES = {
  offline: 'You are offline. What is on the page stays readable; predicting needs a connection.',
  unreachable: 'The server cannot be reached. What is on the page may be out of date.',
} as const

/** A quiet bar that tells what still works while there is no connection. */
export function ConnectionBar() {
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  )
  const reachable = useReachable()
  if (online && reachable) return null
  return (
    <p
      role="status"
      className="flex items-center gap-2 border-b border-line bg-sunken px-4 py-2 text-sm md:px-8"
    >
      <OfflineIcon />
      {SENTENCES[online ? 'unreachable' : 'offline']}
    </p>
  )
}

/** Whether the last answer or failure to answer of any request was an answer. */
function useReachable(): boolean {
  const client = useQueryClient()
  const [reachable, setReachable] = useState(true)
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated') return
        if (event.action.type === 'success') setReachable(true)
        if (event.action.type === 'failed' || event.action.type === 'error') {
          setReachable(!NetworkError.isInstance(event.action.error))
        }
      }),
    [client],
  )
  return reachable
}

function subscribe(notify: () => void): () => void {
  window.addEventListener('online', notify)
  window.addEventListener('offline', notify)
  return () => {
    window.removeEventListener('online', notify)
    window.removeEventListener('offline', notify)
  }
}
