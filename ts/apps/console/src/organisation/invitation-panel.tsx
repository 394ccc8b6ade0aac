'use client'

import { createInvitationMutation } from '#api/queries.ts'
import type { MadeInvitation } from '#api/types.ts'
import { invitationLink } from '#identity/invitation-link.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { Day } from '#ui/moment.tsx'
import { SecretPanel } from '#ui/secret-panel.tsx'
import { InvitationForm } from './invitation-form.tsx'
import { Panel } from './panel.tsx'

/** Invites somebody, then shows the link of the invitation once. */
export function InvitationPanel({ onClose }: { onClose: () => void }) {
  const invite = useOwnMutation(createInvitationMutation(useApi()))
  return (
    <Panel label="Invite somebody" onEscape={invite.data ? null : onClose}>
      {invite.data ? (
        <Link invitation={invite.data} onDone={onClose} />
      ) : (
        <InvitationForm
          busy={invite.isPending}
          error={invite.error}
          onSend={invite.mutate}
          onCancel={onClose}
        />
      )}
    </Panel>
  )
}

function Link({ invitation, onDone }: { invitation: MadeInvitation; onDone: () => void }) {
  const { email, expiresAt, token } = invitation
  return (
    <SecretPanel
      title={`${email} is invited`}
      label="Invitation link"
      secret={invitationLink(window.location.origin, token)}
      onDone={onDone}
    >
      A letter with this link is on its way to {email}; you may send it yourself as well. It is
      shown only now, and works for that address alone, once, until <Day instant={expiresAt} />.
    </SecretPanel>
  )
}
