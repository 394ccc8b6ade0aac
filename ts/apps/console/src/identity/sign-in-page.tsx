'use client'

import { useSearchParams } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { createSessionMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { AccountLinks } from './account-links.tsx'
import { missingCredentials } from './credentials.ts'
import { EmailField } from './email-field.tsx'
import { PasswordInput } from './password-input.tsx'
import { useEntry } from './use-entry.ts'

export function SignInPage() {
  const { form, attempt, refusals, submit, next } = useEntry(createSessionMutation(useApi()))
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signedOut = useSearchParams().has('signed-out')
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit(missingCredentials(email.trim(), password), { email: email.trim(), password })
  }
  return (
    <>
      <h1 className="sr-only">Sign in</h1>
      <AccountLinks current="/sign-in/" next={next} />
      {signedOut && (
        <p role="status" className="mb-5 text-quiet">
          You are signed out.
        </p>
      )}
      <form ref={form} noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
        <EmailField value={email} onChange={setEmail} error={refusals.email} />
        <FieldFrame label="Password" error={refusals.password}>
          {(binding) => (
            <PasswordInput
              binding={binding}
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
            />
          )}
        </FieldFrame>
        {attempt.isError && reasonsOf(attempt.error).length === 0 && (
          <ProblemNotice error={attempt.error} />
        )}
        <Button type="submit" look="primary" busy={attempt.isPending} className="justify-center">
          {attempt.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </>
  )
}
