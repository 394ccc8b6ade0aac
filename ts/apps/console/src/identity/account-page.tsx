'use client'

import { useQuery } from '@tanstack/react-query'
import { type ReactNode, Suspense } from 'react'
import { listSessionsQuery, revokeSessionMutation } from '#api/queries.ts'
import type { SignInPlace } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { focusContent } from '#ui/focus-content.ts'
import { Ago, Day } from '#ui/moment.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { deviceOf } from './device.ts'
import { EmailSection } from './email-section.tsx'
import { LinkedIdentities } from './linked-identities.tsx'
import { PasswordSection } from './password-section.tsx'
import { useSignedIn } from './session.tsx'
import { useOwnMutation } from './use-own-mutation.ts'

/** Where a person is signed in, and what they sign in with. */
export function AccountPage() {
  const { person, organisation } = useSignedIn()
  return (
    <div className="max-w-[800px]">
      <PageHeading
        title="Account"
        sentence={
          <span className="break-words">
            {person.email}, {organisation.role} of {organisation.name}.
          </span>
        }
      />
      <div className="flex flex-col gap-10">
        <Section id="sign-ins" title="Where you are signed in">
          <SignIns />
        </Section>
        <Suspense>
          <LinkedIdentities />
        </Suspense>
        <Section id="email" title="E-mail address">
          <EmailSection />
        </Section>
        <Section id="password" title="Password">
          <PasswordSection />
        </Section>
      </div>
    </div>
  )
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-3 text-lg font-semibold">
        {title}
      </h2>
      {children}
    </section>
  )
}

function SignIns() {
  const places = useQuery(listSessionsQuery(useApi()))
  const revoke = useOwnMutation(revokeSessionMutation(useApi()))
  if (places.isPending) return <ListSkeleton />
  if (!places.data) {
    return <ProblemNotice error={places.error} retry={() => void places.refetch()} />
  }
  return (
    <>
      {revoke.isError && (
        <div className="mb-3">
          <ProblemNotice error={revoke.error} />
        </div>
      )}
      <ul
        aria-label="Sign-ins"
        className="divide-y divide-line rounded-lg border border-line text-sm"
      >
        {places.data.items.map((place) => (
          <Row
            key={place.id}
            place={place}
            busy={revoke.isPending && revoke.variables.id === place.id}
            onRevoke={() => revoke.mutate({ id: place.id }, { onSuccess: focusContent })}
          />
        ))}
      </ul>
      <p className="mt-3 max-w-[70ch] text-xs text-quiet">
        A place that you do not know? Sign out there. This browser is signed out from the menu with
        your address.
      </p>
    </>
  )
}

type RowProps = { place: SignInPlace; busy: boolean; onRevoke: () => void }

function Row({ place, busy, onRevoke }: RowProps) {
  const device = deviceOf(place.userAgent)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium break-words" title={place.userAgent ?? undefined}>
          {device}
        </p>
        <p className="text-quiet">
          Last seen <Ago instant={place.lastSeenAt} />, since <Day instant={place.createdAt} />,
          until <Day instant={place.expiresAt} /> at most
        </p>
      </div>
      {place.current ? (
        <span className="text-quiet">This browser</span>
      ) : (
        <Button size="small" busy={busy} aria-label={`Sign out of ${device}`} onClick={onRevoke}>
          Sign out there
        </Button>
      )}
    </li>
  )
}
