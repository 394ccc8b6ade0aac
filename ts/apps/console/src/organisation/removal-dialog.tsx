'use client'

import { useQueryClient } from '@tanstack/react-query'
import { removeMemberMutation } from '#api/queries.ts'
import type { Member } from '#api/types.ts'
import { useAccountWatch } from '#identity/account-watch.tsx'
import { ORGANISATIONS } from '#identity/return-path.ts'
import { useSignedIn } from '#identity/session.tsx'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { ConfirmDialog } from '#ui/lazy-confirm-dialog.ts'

type RemovalDialogProps = { member: Member; onClose: () => void }

/** Asks before somebody is removed, or leaves by themselves. */
export function RemovalDialog({ member, onClose }: RemovalDialogProps) {
  const { person } = useSignedIn()
  return member.id === person.id ? (
    <Leaving member={member} onClose={onClose} />
  ) : (
    <Removing member={member} onClose={onClose} />
  )
}

function Removing({ member, onClose }: RemovalDialogProps) {
  const remove = useOwnMutation(removeMemberMutation(useApi()))
  const { organisation } = useSignedIn()
  return (
    <ConfirmDialog
      title={`Remove ${member.email}`}
      name={member.email}
      verb="Remove"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: member.id }, { onSuccess: onClose })}
      onClose={onClose}
    >
      They no longer see anything of {organisation.name}. What they made stays, and so do their API
      keys.
    </ConfirmDialog>
  )
}

function Leaving({ member, onClose }: RemovalDialogProps) {
  const { organisation } = useSignedIn()
  const queries = useQueryClient()
  const { announce } = useAccountWatch()
  const leave = useOwnMutation({
    ...removeMemberMutation(useApi()),
    onSuccess: () => {
      announce()
      queries.clear()
      // The session has no organisation any more; a new document forgets what it saw.
      window.location.assign(`${ORGANISATIONS}?left`)
    },
  })
  return (
    <ConfirmDialog
      title={`Leave ${organisation.name}`}
      name={organisation.name}
      verb="Leave"
      busy={leave.isPending}
      error={leave.error}
      onConfirm={() => leave.mutate({ id: member.id })}
      onClose={onClose}
    >
      You no longer see anything of it. Only a new invitation brings you back.
    </ConfirmDialog>
  )
}
