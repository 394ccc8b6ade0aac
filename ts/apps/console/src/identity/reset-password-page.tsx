'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { type FormEvent, useRef, useState } from 'react'
import { resetPasswordMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { Button, buttonLook } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { useAccountWatch } from './account-watch.tsx'
import { newPasswordRefusal } from './credentials.ts'
import { useLinkToken } from './link-token.ts'
import { NewPasswordField } from './new-password-field.tsx'

/** Where the link in the letter leads: a new password is chosen here. */
export function ResetPasswordPage() {
  const token = useLinkToken()
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-xl font-semibold tracking-tight">Choose a new password</h1>
      {token === null && <NoLink />}
      {token && <ResetForm key={token} token={token} />}
    </div>
  )
}

function ResetForm({ token }: { token: string }) {
  const reset = useReset()
  const [password, setPassword] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const form = useRef<HTMLFormElement>(null)
  const reasons = reset.isError ? reasonsOf(reset.error) : []
  const refused = refusal ?? reasons.find(({ pointer }) => pointer === '/password')?.message
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = newPasswordRefusal(password)
    setRefusal(missing)
    if (missing !== undefined) form.current?.querySelector('input')?.focus()
    else if (!reset.isPending) reset.mutate({ token, password })
  }
  return (
    <form ref={form} noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
      <p className="text-quiet">Every session of the account ends; then you sign in anew.</p>
      <NewPasswordField
        label="New password"
        value={password}
        onChange={setPassword}
        error={refused}
      />
      {reset.isError && refused === undefined && <ProblemNotice error={reset.error} />}
      <Button type="submit" look="primary" busy={reset.isPending} className="justify-center">
        {reset.isPending ? 'Setting the password…' : 'Set the password'}
      </Button>
      {reset.isError && (
        <Link href="/forgot-password/" className="self-start text-sm underline underline-offset-2">
          Ask for a new link
        </Link>
      )}
    </form>
  )
}

function NoLink() {
  return (
    <EmptyState
      title="No link here"
      action={
        <Link href="/forgot-password/" className={buttonLook()}>
          Ask for a new link
        </Link>
      }
    >
      Open the whole link of the letter once more, up to its last character.
    </EmptyState>
  )
}

function useReset() {
  const queries = useQueryClient()
  const { announce } = useAccountWatch()
  return useMutation({
    ...resetPasswordMutation(useApi()),
    onSuccess: () => {
      announce()
      queries.clear()
      // A new document forgets the token and whoever was signed in here.
      window.location.assign('/sign-in/?new-password')
    },
  })
}
