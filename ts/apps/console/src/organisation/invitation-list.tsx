'use client'

import { useQuery } from '@tanstack/react-query'
import { listInvitationsQuery, withdrawInvitationMutation } from '#api/queries.ts'
import type { Invitation } from '#api/types.ts'
import { capitalised } from '#format/words.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Day } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'

/** Who has been asked to join and has not answered yet. */
export function InvitationList() {
  const invitations = useQuery(listInvitationsQuery(useApi()))
  return (
    <section aria-label="Open invitations" className="mt-10">
      <h2 className="mb-3 text-lg font-semibold">Open invitations</h2>
      {invitations.isPending && <ListSkeleton />}
      {invitations.isError && !invitations.data && (
        <ProblemNotice error={invitations.error} retry={() => void invitations.refetch()} />
      )}
      {invitations.data && <Rows invitations={invitations.data.items} />}
    </section>
  )
}

function Rows({ invitations }: { invitations: readonly Invitation[] }) {
  const withdraw = useOwnMutation(withdrawInvitationMutation(useApi()))
  if (invitations.length === 0) {
    return (
      <EmptyState title="No open invitations">
        Invite somebody by e-mail address. Their invitation waits here until they accept it.
      </EmptyState>
    )
  }
  return (
    <>
      {withdraw.isError && (
        <div className="mb-3">
          <ProblemNotice error={withdraw.error} />
        </div>
      )}
      <ul className="divide-y divide-line rounded-lg border border-line text-sm">
        {invitations.map((invitation) => (
          <Row
            key={invitation.id}
            invitation={invitation}
            busy={withdraw.isPending && withdraw.variables.id === invitation.id}
            onWithdraw={() => withdraw.mutate({ id: invitation.id })}
          />
        ))}
      </ul>
    </>
  )
}

type RowProps = { invitation: Invitation; busy: boolean; onWithdraw: () => void }

function Row({ invitation, busy, onWithdraw }: RowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <span className="w-full min-w-0 break-words sm:w-auto sm:flex-1">{invitation.email}</span>
      <span className="flex-1 text-quiet sm:flex-none">
        {capitalised(invitation.role)}, until <Day instant={invitation.expiresAt} />
      </span>
      <Button
        size="small"
        look="quiet"
        busy={busy}
        aria-label={`Withdraw the invitation of ${invitation.email}`}
        onClick={onWithdraw}
      >
        Withdraw
      </Button>
    </li>
  )
}
