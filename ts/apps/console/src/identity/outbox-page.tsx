'use client'

import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { listOutboxQuery } from '#api/queries.ts'
import type { KeptMessage } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Ago } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'

/** The letters that a server without a mail server has kept, for whoever develops with it. */
export function OutboxPage() {
  const outbox = useQuery({ ...listOutboxQuery(useApi(), { limit: 20 }), retry: false })
  return (
    <div className="flex flex-col gap-5">
      <div className="flex items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Outbox</h1>
        <Button size="small" busy={outbox.isFetching} onClick={() => void outbox.refetch()}>
          Look again
        </Button>
      </div>
      {outbox.isPending && <ListSkeleton />}
      {outbox.isError && <ProblemNotice error={outbox.error} />}
      {outbox.data && (
        <>
          <p className="text-quiet">
            No mail server is set, so letters are kept in{' '}
            <code className="font-mono text-sm break-all">{outbox.data.folder}</code>.
          </p>
          <Letters letters={outbox.data.items} />
        </>
      )}
    </div>
  )
}

function Letters({ letters }: { letters: readonly KeptMessage[] }) {
  if (letters.length === 0) {
    return (
      <EmptyState title="No letters yet">
        Sign up, invite somebody, or ask for a new password: the letter is here a moment later.
      </EmptyState>
    )
  }
  return (
    <ul aria-label="Letters" className="flex flex-col gap-4">
      {letters.map((letter) => (
        <li key={letter.id} className="min-w-0 rounded-lg border border-line bg-panel p-4">
          <h2 className="font-medium break-words">{letter.subject}</h2>
          <p className="mb-3 text-sm break-words text-quiet">
            To {letter.recipient}, <Ago instant={letter.keptAt} />
          </p>
          <div className="flex flex-col gap-2 text-sm break-words">{paragraphs(letter.text)}</div>
        </li>
      ))}
    </ul>
  )
}

/** The letter's paragraphs; a line that is an address of this server becomes a link. */
function paragraphs(text: string): ReactNode {
  return text
    .trim()
    .split(/\n+/)
    .map((line) =>
      line.startsWith(`${window.location.origin}/`) ? (
        <a key={line} href={line} className="break-all underline underline-offset-2">
          {line}
        </a>
      ) : (
        <p key={line}>{line}</p>
      ),
    )
}
