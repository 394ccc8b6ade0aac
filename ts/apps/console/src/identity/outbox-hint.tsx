'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { listOutboxQuery } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'

/** Where the letter is while a developer has no mail server; nothing elsewhere. */
export function OutboxHint() {
  const outbox = useQuery({ ...listOutboxQuery(useApi(), { limit: 1 }), retry: false })
  if (!outbox.data) return null
  return (
    <p className="text-sm text-quiet">
      This server sends no mail.{' '}
      <Link href="/outbox/" className="underline underline-offset-2">
        Read what it kept
      </Link>
      .
    </p>
  )
}
