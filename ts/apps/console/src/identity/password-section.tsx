'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { changePasswordMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { isWrongPassword, reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { newPasswordRefusal } from './credentials.ts'
import { NewPasswordField } from './new-password-field.tsx'
import { PasswordInput } from './password-input.tsx'
import { useOwnMutation } from './use-own-mutation.ts'

type Refusals = { current?: string | undefined; next?: string | undefined }

/** Changes the password, with the one until now as a proof. */
export function PasswordSection() {
  const change = useOwnMutation(changePasswordMutation(useApi()))
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [refusals, setRefusals] = useState<Refusals>({})
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!refusals.current && !refusals.next) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusals])
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (change.isPending) return
    const missing = {
      current: current === '' ? 'Write your current password.' : undefined,
      next: newPasswordRefusal(next),
    }
    setRefusals(missing)
    change.reset()
    if (missing.current ?? missing.next) return
    change.mutate(
      { currentPassword: current, password: next },
      {
        onSuccess: () => {
          setCurrent('')
          setNext('')
        },
        onError: (failure) => {
          const reason = reasonsOf(failure).find(({ pointer }) => pointer === '/password')
          if (isWrongPassword(failure)) setRefusals({ current: 'This is not your password.' })
          else setRefusals({ next: reason?.message })
        },
      },
    )
  }
  const refused = refusals.current ?? refusals.next
  return (
    <form
      ref={form}
      noValidate
      onSubmit={handleSubmit}
      aria-label="Password"
      className="flex max-w-[392px] flex-col gap-4"
    >
      <FieldFrame label="Current password" error={refusals.current}>
        {(binding) => (
          <PasswordInput
            binding={binding}
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
          />
        )}
      </FieldFrame>
      <NewPasswordField
        label="New password"
        value={next}
        onChange={setNext}
        error={refusals.next}
      />
      {change.isError && refused === undefined && <ProblemNotice error={change.error} />}
      {change.isSuccess && (
        <p role="status">Your password is changed. Every other session has ended.</p>
      )}
      <Button type="submit" busy={change.isPending} className="self-start">
        {change.isPending ? 'Changing the password…' : 'Change the password'}
      </Button>
    </form>
  )
}
