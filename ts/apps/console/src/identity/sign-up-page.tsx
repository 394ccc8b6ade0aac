'use client'

import { type FormEvent, useState } from 'react'
import { createAccountMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { AccountLinks } from './account-links.tsx'
import { MINIMUM_PASSWORD_CHARACTERS, missingForAccount } from './credentials.ts'
import { EmailField } from './email-field.tsx'
import { PasswordInput } from './password-input.tsx'
import { ProviderButtons } from './provider-buttons.tsx'
import { RefusalNotice } from './refusal-notice.tsx'
import { useEntry } from './use-entry.ts'

export function SignUpPage() {
  const { form, attempt, refusals, submit, next } = useEntry(createAccountMutation(useApi()))
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [organisation, setOrganisation] = useState('')
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const organisationName = organisation.trim() || null
    submit(missingForAccount(email.trim(), password), {
      email: email.trim(),
      password,
      organisationName,
    })
  }
  return (
    <>
      <h1 className="sr-only">Create an account</h1>
      <AccountLinks current="/sign-up/" next={next} />
      <RefusalNotice />
      <form ref={form} noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
        <EmailField value={email} onChange={setEmail} error={refusals.email} />
        <FieldFrame
          label="Password"
          error={refusals.password}
          help={`At least ${MINIMUM_PASSWORD_CHARACTERS} characters.`}
        >
          {(binding) => (
            <PasswordInput
              binding={binding}
              autoComplete="new-password"
              value={password}
              onChange={setPassword}
            />
          )}
        </FieldFrame>
        <FieldFrame
          label="Organisation"
          note="Optional"
          error={refusals.organisation}
          help="Predictions belong to the organisation; others never see them."
        >
          {(binding) => (
            <TextInput
              {...binding}
              name="organisation"
              autoComplete="organization"
              value={organisation}
              onChange={(event) => setOrganisation(event.target.value)}
            />
          )}
        </FieldFrame>
        {attempt.isError && reasonsOf(attempt.error).length === 0 && (
          <ProblemNotice error={attempt.error} />
        )}
        <Button type="submit" look="primary" busy={attempt.isPending} className="justify-center">
          {attempt.isPending ? 'Creating the account…' : 'Create account'}
        </Button>
      </form>
      <ProviderButtons back="/sign-up/" next={next} />
    </>
  )
}
