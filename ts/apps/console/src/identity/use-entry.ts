'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import type { Session } from '#api/accounts.ts'
import { violationsOf } from '#api/errors.ts'
import { type CredentialRefusals, credentialRefusals } from './credentials.ts'
import { returnPath } from './return-path.ts'
import { SESSION_KEY, useSession } from './session.tsx'

/** What the sign-in and the sign-up form have in common: sending, refusals, and going on. */
export function useEntry<Input>(enter: (input: Input) => Promise<Session>) {
  const client = useQueryClient()
  const next = useSearchParams().get('next')
  const [refusals, setRefusals] = useState<CredentialRefusals>({})
  const form = useRef<HTMLFormElement>(null)
  const attempt = useMutation({
    mutationFn: enter,
    onSuccess: (session) => {
      // Nothing that another account has seen in this window may be shown to this one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
      client.setQueryData(SESSION_KEY, session)
    },
    onError: (error) => setRefusals(credentialRefusals(violationsOf(error))),
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
