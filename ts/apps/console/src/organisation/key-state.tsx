'use client'

import type { ApiKey } from '#api/types.ts'
import { classes } from '#ui/classes.ts'
import { Day } from '#ui/moment.tsx'

/** Whether a key is refused by now. */
export function isOver({ revokedAt, expiresAt }: ApiKey, now: Date): boolean {
  return revokedAt !== null || (expiresAt !== null && expiresAt <= now)
}

/** Whether a key works, and until when; a word and a shape, never colour alone. */
export function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const over = isOver(apiKey, new Date())
  return (
    <span className="flex flex-col">
      <span className={classes('flex items-center gap-1.5', over && 'text-quiet')}>
        <span
          aria-hidden="true"
          className={classes(
            'size-2 shrink-0 rounded-full border',
            over ? 'border-quiet' : 'border-live bg-live',
          )}
        />
        {wordOf(apiKey, over)}
      </span>
      {apiKey.expiresAt && !over && (
        <span className="text-xs text-quiet">
          until <Day instant={apiKey.expiresAt} />
        </span>
      )}
      {apiKey.requestsPerMinute !== null && !over && (
        <span className="text-xs text-quiet">
          at most {apiKey.requestsPerMinute.toLocaleString('en')} a minute
        </span>
      )}
    </span>
  )
}

function wordOf({ revokedAt }: ApiKey, over: boolean): string {
  if (revokedAt !== null) return 'Revoked'
  return over ? 'Expired' : 'Works'
}
