'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { acceptInvitationMutation, deleteCurrentSessionMutation } from '#api/queries.ts'
import type { Session } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button, buttonLook } from '#ui/button.tsx'
import { classes } from '#ui/classes.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { useAccountWatch } from './account-watch.tsx'
import { forgetInvitation, useInvitationToken } from './invitation-token.ts'
import { HOME } from './return-path.ts'
import { useSession } from './session.tsx'
import { confirmAccount, endSession } from './session-query.ts'

const HERE = '?next=%2Finvitation%2F'

/** Where an invited person joins the organisation that has invited them. */
export function InvitationPage() {
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-xl font-semibold tracking-tight">Join an organisation</h1>
      <Invited />
    </div>
  )
}

function Invited(): ReactNode {
  const token = useInvitationToken()
  const session = useSession()
  if (token === undefined || session.isPending) return <InvitationSkeleton />
  if (token === null) return <NoInvitation />
  if (session.data) return <Accept token={token} session={session.data} />
  if (session.isError) {
    return <ProblemNotice error={session.error} retry={() => void session.refetch()} />
  }
  return <SignInFirst />
}

function Accept({ token, session }: { token: string; session: Session }) {
  const accept = useAcceptance(session)
  const change = useAccountChange()
  return (
    <>
      <p>
        You are signed in as <span className="font-medium break-words">{session.person.email}</span>
        . The invitation is good for the address that it was made for, and no other.
      </p>
      {accept.isError && <ProblemNotice error={accept.error} />}
      {change.isError && <ProblemNotice error={change.error} />}
      <Button
        look="primary"
        className="justify-center"
        busy={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate({ token })}
      >
        {accept.isPending ? 'Joining…' : 'Accept the invitation'}
      </Button>
      <Button className="justify-center" busy={change.isPending} onClick={() => change.mutate()}>
        Use another account
      </Button>
    </>
  )
}

function SignInFirst() {
  return (
    <>
      <p>
        You are invited. Sign in with the address that the invitation was made for, or create an
        account with it.
      </p>
      <Link href={`/sign-in/${HERE}`} className={classes(buttonLook('primary'), 'justify-center')}>
        Sign in
      </Link>
      <Link href={`/sign-up/${HERE}`} className={classes(buttonLook(), 'justify-center')}>
        Create an account
      </Link>
    </>
  )
}

function NoInvitation() {
  return (
    <EmptyState
      title="No invitation here"
      action={
        <Link href={HOME} className={buttonLook()}>
          Open the console
        </Link>
      }
    >
      Open the whole link of the invitation once more, up to its last character.
    </EmptyState>
  )
}

function InvitationSkeleton() {
  return (
    <Loading className="flex flex-col gap-3">
      <Bone className="h-4 w-full" />
      <Bone className="h-4 w-40" />
      <Bone className="mt-2 h-9 w-full" />
    </Loading>
  )
}

function useAcceptance(shown: Session) {
  const api = useApi()
  const queries = useQueryClient()
  const { announce } = useAccountWatch()
  const accept = acceptInvitationMutation(api)
  return useMutation({
    ...accept,
    // Another tab may have signed somebody else in: the invitation is not theirs to spend.
    onMutate: () => confirmAccount(queries, api, shown),
    onSuccess: () => {
      forgetInvitation()
      announce()
      queries.clear()
      // A new document forgets what this one knew of the organisation before.
      window.location.assign('/organisation/?joined')
    },
  })
}

/** Ends the session and stays here, so that somebody else may sign in. */
function useAccountChange() {
  const queries = useQueryClient()
  const { announce } = useAccountWatch()
  return useMutation({
    ...deleteCurrentSessionMutation(useApi()),
    onSuccess: () => {
      announce()
      endSession(queries)
    },
  })
}
