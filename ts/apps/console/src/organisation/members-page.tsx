'use client'

import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { listMembersQuery } from '#api/queries.ts'
import { useSignedIn } from '#identity/session.tsx'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { InvitationList } from './invitation-list.tsx'
import { InvitationPanel } from './invitation-panel.tsx'
import { MemberList } from './member-list.tsx'
import { NamePanel } from './name-panel.tsx'
import { hasRole } from './role.ts'
import { usePanel } from './use-panel.ts'

/** Who belongs to the organisation, and who is asked to. */
export function MembersPage() {
  const { organisation } = useSignedIn()
  const joined = useSearchParams().has('joined')
  const panel = usePanel()
  const naming = usePanel()
  const manages = hasRole(organisation.role, 'admin')
  return (
    <>
      {joined && (
        <p role="status" className="mb-5">
          You have joined {organisation.name}. What you do here now counts for it.
        </p>
      )}
      <PageHeading
        title="Members"
        sentence={`Who belongs to ${organisation.name}, and what they may do.`}
        action={
          manages && (
            <div className="flex gap-2">
              <Button {...naming.opener}>Rename</Button>
              <Button look="primary" {...panel.opener}>
                Invite somebody
              </Button>
            </div>
          )
        }
      />
      {naming.open && <NamePanel onClose={naming.close} />}
      {panel.open && <InvitationPanel onClose={panel.close} />}
      <Members />
      {manages && <InvitationList />}
    </>
  )
}

function Members() {
  const { person, organisation } = useSignedIn()
  const members = useQuery(listMembersQuery(useApi()))
  if (members.isPending) return <ListSkeleton />
  if (!members.data) {
    return <ProblemNotice error={members.error} retry={() => void members.refetch()} />
  }
  return (
    <MemberList company={{ me: person.id, role: organisation.role, members: members.data.items }} />
  )
}
