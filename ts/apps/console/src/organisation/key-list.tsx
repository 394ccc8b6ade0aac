'use client'

import { useState } from 'react'
import type { ApiKey } from '#api/types.ts'
import { Button } from '#ui/button.tsx'
import { classes } from '#ui/classes.ts'
import { Ago, Day } from '#ui/moment.tsx'
import { isOver, KeyState } from './key-state.tsx'
import { RevocationDialog } from './revocation-dialog.tsx'

const COLUMNS = '@2xl:grid-cols-[minmax(0,1fr)_112px_144px_96px_80px]'

export function KeyList({ keys }: { keys: readonly ApiKey[] }) {
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  return (
    <div className="@container rounded-lg border border-line text-sm">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 rounded-t-lg border-b border-line bg-rail px-4 py-2 text-xs text-quiet @2xl:grid',
          COLUMNS,
        )}
      >
        <span>Key</span>
        <span>State</span>
        <span>Last used</span>
        <span>Made</span>
      </div>
      <ul aria-label="API keys" className="divide-y divide-line">
        {keys.map((key) => (
          <Row key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      {revoking && <RevocationDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
    </div>
  )
}

function Row({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  return (
    <li
      className={classes(
        'flex flex-col gap-1.5 px-4 py-2.5 @2xl:grid @2xl:items-center @2xl:gap-4',
        COLUMNS,
      )}
    >
      <span className="min-w-0">
        <span className="block font-medium break-words">{apiKey.name}</span>
        <span className="block text-xs text-quiet">
          <code className="font-mono">{apiKey.prefix}…</code> may {apiKey.scopes.join(', ')}
        </span>
      </span>
      <KeyState apiKey={apiKey} />
      <span className="text-quiet">
        {apiKey.lastUsedAt ? (
          <>
            <span className="@2xl:sr-only">Last used </span>
            <Ago instant={apiKey.lastUsedAt} />
          </>
        ) : (
          'Never used'
        )}
      </span>
      <span className="text-quiet">
        <span className="@2xl:sr-only">Made </span>
        <Day instant={apiKey.createdAt} />
      </span>
      {!isOver(apiKey, new Date()) && (
        <Button
          size="small"
          look="quiet"
          className="-ml-2.5 self-start @2xl:ml-0 @2xl:justify-self-end"
          aria-label={`Revoke ${apiKey.name}`}
          onClick={onRevoke}
        >
          Revoke
        </Button>
      )}
    </li>
  )
}
