'use client'

import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { requestPasswordResetMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { emailRefusal } from './credentials.ts'
import { EmailField } from './email-field.tsx'
import { OutboxHint } from './outbox-hint.tsx'

/** Asks for the letter with which a new password is chosen. */
export function ForgotPasswordPage() {
  const ask = useMutation(requestPasswordResetMutation(useApi()))
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-xl font-semibold tracking-tight">Choose a new password</h1>
      {ask.isSuccess ? (
        <Sent email={ask.variables.email} />
      ) : (
        <AskForm
          busy={ask.isPending}
          onAsk={(email) => ask.mutate({ email })}
          notice={ask.isError && <ProblemNotice error={ask.error} />}
        />
      )}
      <Link href="/sign-in/" className="self-start text-sm underline underline-offset-2">
        Back to sign in
      </Link>
    </div>
  )
}

type AskFormProps = {
  busy: boolean
  onAsk: (email: string) => void
  notice: ReactNode
}

function AskForm({ busy, onAsk, notice }: AskFormProps) {
  const [email, setEmail] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const form = useRef<HTMLFormElement>(null)
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = emailRefusal(email.trim())
    setRefusal(missing)
    if (missing !== undefined) form.current?.querySelector('input')?.focus()
    else if (!busy) onAsk(email.trim())
  }
  return (
    <form ref={form} noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
      <p className="text-quiet">
        Write the address of your account. A link to choose a new password goes there.
      </p>
      <EmailField value={email} onChange={setEmail} error={refusal} />
      {notice}
      <Button type="submit" look="primary" busy={busy} className="justify-center">
        {busy ? 'Sending the link…' : 'Send the link'}
      </Button>
    </form>
  )
}

function Sent({ email }: { email: string }) {
  const words = useRef<HTMLParagraphElement>(null)
  // It takes the place of the form that had the focus.
  useEffect(() => words.current?.focus(), [])
  return (
    <>
      <p ref={words} tabIndex={-1} role="status" className="outline-none">
        If <span className="font-medium break-words">{email}</span> has an account, a letter is on
        its way. The link in it works once, for one hour.
      </p>
      <OutboxHint />
    </>
  )
}
