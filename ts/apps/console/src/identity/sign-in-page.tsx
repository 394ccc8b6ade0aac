'use client'

import Link from 'next/link'
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
import { ProviderButtons } from './provider-buttons.tsx'
import { RefusalNotice } from './refusal-notice.tsx'
import { useEntry } from './use-entry.ts'

export function SignInPage() {
  const { form, attempt, refusals, submit, next } = useEntry(createSessionMutation(useApi()))
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const notice = noticeOf(useSearchParams())
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    submit(missingCredentials(email.trim(), password), { email: email.trim(), password })
  }
  return (
    <>
      <h1 className="sr-only">Sign in</h1>
      <AccountLinks current="/sign-in/" next={next} />
      {notice && (
        <p role="status" className="mb-5 text-quiet">
          {notice}
        </p>
      )}
      <RefusalNotice />
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
        <Link href="/forgot-password/" className="self-start text-sm underline underline-offset-2">
          Forgot your password?
        </Link>
      </form>
      <ProviderButtons back="/sign-in/" next={next} />
    </>
  )
}

/** What has just happened, as the page before it says in the address. */
function noticeOf(query: { has: (name: string) => boolean }): string | null {
  if (query.has('new-password')) return 'Your password is changed. Sign in with the new one.'
  return query.has('signed-out') ? 'You are signed out.' : null
}
