'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect } from 'react'
import { listOrganisationsQuery } from '#api/queries.ts'
import type { Session } from '#api/types.ts'
import { HOME, ORGANISATIONS, signInPath } from '#identity/return-path.ts'
import { useSession } from '#identity/session.tsx'
import { SignOutButton } from '#identity/sign-out-button.tsx'
import { useApi } from '#service/api.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { ChoiceList } from './choice-list.tsx'
import { InvitationLinkForm } from './invitation-link-form.tsx'
import { NewOrganisationForm } from './new-organisation-form.tsx'

/** Where a person opens, makes or joins an organisation, and begins when they have none. */
export function ChoicePage() {
  const session = useSession()
  const router = useRouter()
  const signedOut = session.data === null
  useEffect(() => {
    if (signedOut) router.replace(signInPath(ORGANISATIONS))
  }, [signedOut, router])
  return (
    <div className="flex flex-col gap-6">
      <h1 className="text-xl font-semibold tracking-tight">Organisations</h1>
      {session.isError && (
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      )}
      {session.data && <Choice session={session.data} />}
    </div>
  )
}

function Choice({ session }: { session: Session }) {
  const organisations = useQuery(listOrganisationsQuery(useApi()))
  const left = useSearchParams().has('left')
  return (
    <>
      {left && <p role="status">You have left the organisation.</p>}
      {session.organisation === null && (
        <p className="text-quiet">
          {session.person.email} acts for no organisation. Open one, make one, or accept an
          invitation.
        </p>
      )}
      {organisations.isPending && <ListSkeleton />}
      {organisations.isError && (
        <ProblemNotice error={organisations.error} retry={() => void organisations.refetch()} />
      )}
      {organisations.data && organisations.data.items.length > 0 && (
        <ChoiceList session={session} organisations={organisations.data.items} />
      )}
      <NewOrganisationForm session={session} />
      <InvitationLinkForm />
      {session.organisation === null ? (
        <SignOutButton />
      ) : (
        <Link href={HOME} className="self-start text-sm underline underline-offset-2">
          Back to {session.organisation.name}
        </Link>
      )}
    </>
  )
}
