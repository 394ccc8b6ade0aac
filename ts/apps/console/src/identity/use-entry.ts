'use client'

import { type UseMutationOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import type { Session } from '#api/types.ts'
import { type Failure, reasonsOf } from '#service/failure.ts'
import { type CredentialRefusals, credentialRefusals } from './credentials.ts'
import { returnPath } from './return-path.ts'
import { useSession } from './session.tsx'
import { enterSession } from './session-query.ts'

/** What the sign-in and the sign-up form have in common: sending, refusals, and going on. */
export function useEntry<Input>(entry: UseMutationOptions<Session, Failure, Input>) {
  const queries = useQueryClient()
  const next = useSearchParams().get('next')
  const [refusals, setRefusals] = useState<CredentialRefusals>({})
  const form = useRef<HTMLFormElement>(null)
  const attempt = useMutation({
    ...entry,
    // The answer is the session that would be asked for again.
    onSuccess: (session) => enterSession(queries, session),
    onError: (failure) => setRefusals(credentialRefusals(reasonsOf(failure))),
  })
  useReturnWhenSignedIn(next)
  useEffect(() => {
    if (Object.keys(refusals).length === 0) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusals])
  const submit = (missing: CredentialRefusals, input: Input) => {
    setRefusals(missing)
    if (Object.keys(missing).length === 0 && !attempt.isPending) attempt.mutate(input)
    else attempt.reset()
  }
  return { form, attempt, refusals, submit, next }
}

function useReturnWhenSignedIn(next: string | null): void {
  const session = useSession()
  const router = useRouter()
  const signedIn = Boolean(session.data)
  useEffect(() => {
    if (signedIn) router.replace(returnPath(next))
  }, [signedIn, next, router])
}
