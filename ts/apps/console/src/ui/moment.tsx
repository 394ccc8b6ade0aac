'use client'

import { useSyncExternalStore } from 'react'
import { formatDay, formatMoment, formatRelative } from '#format/time.ts'

const REFRESH_SECONDS = 10

/** A relative time that stays true, with the absolute one on hover. */
export function Ago({ instant }: { instant: Date }) {
  const now = useNow()
  return (
    <time dateTime={instant.toISOString()} title={formatMoment(instant)}>
      {formatRelative(instant, now)}
    </time>
  )
}

/** A day, with the moment on hover. */
export function Day({ instant }: { instant: Date }) {
  return (
    <time dateTime={instant.toISOString()} title={formatMoment(instant)}>
      {formatDay(instant)}
    </time>
  )
}

/** An absolute time with its zone. */
export function Moment({ instant }: { instant: Date }) {
  return <time dateTime={instant.toISOString()}>{formatMoment(instant)}</time>
}

function useNow(): Date {
  const tick = useSyncExternalStore(subscribe, currentTick, currentTick)
  return new Date(tick * REFRESH_SECONDS * 1000 + remainder())
}

function subscribe(notify: () => void): () => void {
  const timer = setInterval(notify, REFRESH_SECONDS * 1000)
  return () => clearInterval(timer)
}

function currentTick(): number {
  return Math.floor(Date.now() / (REFRESH_SECONDS * 1000))
}

function remainder(): number {
  return Date.now() % (REFRESH_SECONDS * 1000)
}
