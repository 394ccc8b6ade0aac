'use client'

import { useEffect, useRef, useState } from 'react'
import { useBeforePaint } from './use-before-paint.ts'

/** Where a stream is. Its items are given to `onItem`. */
export type StreamState =
  | { readonly status: 'idle' | 'open' | 'ended'; readonly error: undefined }
  | { readonly status: 'failure'; readonly error: unknown }

const idle: StreamState = { status: 'idle', error: undefined }
const opened: StreamState = { status: 'open', error: undefined }
const ended: StreamState = { status: 'ended', error: undefined }

/**
 * Reads a stream for as long as its component is there: server-sent events or a subscription of a
 * realtime connection. Another `key` closes it and opens anew, and nothing of the old one is given
 * any more; `null` reads nothing.
 *
 * @example
 * ```ts
 * const { status, error } = useStream(
 *   jobId,
 *   (signal) => watchJob(client, { jobId }, { signal }),
 *   (item) => item.kind === 'event' && setProgress(item.value),
 * )
 * ```
 */
export function useStream<Item>(
  key: string | null,
  open: (signal: AbortSignal) => AsyncIterable<Item>,
  onItem: (item: Item) => void,
): StreamState {
  const [last, setLast] = useState({ key, state: opened })
  const latest = useRef({ open, onItem })

  useBeforePaint(() => {
    latest.current = { open, onItem }
  })
  useEffect(() => {
    if (key === null) return
    const controller = new AbortController()
    const { signal } = controller
    const become = (state: StreamState) => !signal.aborted && setLast({ key, state })
    async function read(): Promise<void> {
      // StrictMode leaves and comes back at once; that must not cost a connection.
      await null
      if (signal.aborted) return
      for await (const item of latest.current.open(signal)) {
        if (signal.aborted) return
        latest.current.onItem(item)
      }
    }
    become(opened)
    read().then(
      () => become(ended),
      (error: unknown) => become({ status: 'failure', error }),
    )
    return () => controller.abort()
  }, [key])

  if (key === null) return idle
  return last.key === key ? last.state : opened
}
