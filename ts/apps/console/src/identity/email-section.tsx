'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { changeEmailMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { isWrongPassword, reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { Day } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ConfirmationLetter } from './confirmation-letter.tsx'
import { emailRefusal } from './credentials.ts'
import { EmailField } from './email-field.tsx'
import { OutboxHint } from './outbox-hint.tsx'
import { PasswordInput } from './password-input.tsx'
import { useSignedIn } from './session.tsx'
import { useOwnMutation } from './use-own-mutation.ts'

/** The address, whether it is confirmed, and the way to another one. */
export function EmailSection() {
  const { person } = useSignedIn()
  return (
    <div className="flex flex-col gap-5">
      {person.emailConfirmedAt === null ? (
        <>
          <p className="break-words">{person.email} is not confirmed yet.</p>
          <ConfirmationLetter />
        </>
      ) : (
        <p className="break-words">
          {person.email}, confirmed on <Day instant={person.emailConfirmedAt} />.
        </p>
      )}
      <ChangeForm />
    </div>
  )
}

type Refusals = { email?: string | undefined; password?: string | undefined }

function ChangeForm() {
  const change = useOwnMutation(changeEmailMutation(useApi()))
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [refusals, setRefusals] = useState<Refusals>({})
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!refusals.email && !refusals.password) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusals])
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (change.isPending) return
    const missing = {
      email: emailRefusal(email.trim()),
      password: password === '' ? 'Write your password.' : undefined,
    }
    setRefusals(missing)
    change.reset()
    if (missing.email ?? missing.password) return
    change.mutate(
      { email: email.trim(), password },
      {
        onSuccess: () => setPassword(''),
        onError: (failure) => {
          const reason = reasonsOf(failure).find(({ pointer }) => pointer === '/email')
          if (isWrongPassword(failure)) setRefusals({ password: 'This is not your password.' })
          else setRefusals({ email: reason?.message })
        },
      },
    )
  }
  const refused = refusals.email ?? refusals.password
  return (
    <form
      ref={form}
      noValidate
      onSubmit={handleSubmit}
      aria-label="E-mail"
      className="flex max-w-[392px] flex-col gap-4"
    >
      <EmailField
        label="New e-mail"
        value={email}
        onChange={setEmail}
        error={refusals.email}
        help="It counts once you have opened the link that is sent there."
      />
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
      {change.isError && refused === undefined && <ProblemNotice error={change.error} />}
      {change.isSuccess && (
        <div>
          <p role="status" className="break-words">
            A letter is on its way to {change.variables.email}.
          </p>
          <OutboxHint />
        </div>
      )}
      <Button type="submit" busy={change.isPending} className="self-start">
        {change.isPending ? 'Sending the letter…' : 'Change the address'}
      </Button>
    </form>
  )
}
