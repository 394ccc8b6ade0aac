'use client'

import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { confirmEmailMutation } from '#api/queries.ts'
import type { Session } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button, buttonLook } from '#ui/button.tsx'
import { classes } from '#ui/classes.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { ConfirmationLetter } from './confirmation-letter.tsx'
import { useLinkToken } from './link-token.ts'
import { HOME } from './return-path.ts'
import { useSession } from './session.tsx'
import { SignOutButton } from './sign-out-button.tsx'

/** Where the link in the letter leads, and where a person waits for that letter. */
export function ConfirmEmailPage() {
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-xl font-semibold tracking-tight">Confirm your e-mail address</h1>
      <Confirmation />
    </div>
  )
}

function Confirmation(): ReactNode {
  const token = useLinkToken()
  const session = useSession()
  const confirm = useMutation(confirmEmailMutation(useApi()))
  if (confirm.isSuccess) return <Confirmed />
  if (token) {
    return (
      <>
        <p>One more press, so that only you confirm it and no program that reads your mail.</p>
        {confirm.isError && <ProblemNotice error={confirm.error} />}
        <Button
          look="primary"
          className="justify-center"
          busy={confirm.isPending}
          onClick={() => confirm.mutate({ token })}
        >
          {confirm.isPending ? 'Confirming…' : 'Confirm the address'}
        </Button>
      </>
    )
  }
  if (token === undefined || session.isPending) return <ConfirmationSkeleton />
  return session.data ? <Waiting session={session.data} /> : <NoLink />
}

function Waiting({ session: { person } }: { session: Session }) {
  if (person.emailConfirmedAt !== null) return <Confirmed />
  return (
    <>
      <p>
        A letter is on its way to <span className="font-medium break-words">{person.email}</span>.
        Open the link in it{person.mustConfirmEmail ? ' to go on' : ''}.
      </p>
      <ConfirmationLetter />
      <SignOutButton />
    </>
  )
}

function Confirmed() {
  return (
    <>
      <p role="status">Your e-mail address is confirmed.</p>
      <Link href={HOME} className={classes(buttonLook('primary'), 'justify-center')}>
        Open the console
      </Link>
    </>
  )
}

function NoLink() {
  return (
    <EmptyState
      title="No link here"
      action={
        <Link href="/sign-in/" className={buttonLook()}>
          Sign in
        </Link>
      }
    >
      Open the whole link of the letter once more, or sign in to have another letter sent.
    </EmptyState>
  )
}

function ConfirmationSkeleton() {
  return (
    <Loading className="flex flex-col gap-3">
      <Bone className="h-4 w-full" />
      <Bone className="mt-2 h-9 w-full" />
    </Loading>
  )
}
