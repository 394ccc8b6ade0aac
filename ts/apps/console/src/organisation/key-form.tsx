'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { NewApiKey } from '#api/types.ts'
import { type Failure, reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { Select, TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { Day } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { expiryOf, LIFETIMES } from './key-lifetime.ts'
import { rateOf } from './key-rate.ts'
import { KeyRateField } from './key-rate-field.tsx'

type KeyFormProps = {
  busy: boolean
  error: Failure | null
  onSend: (key: NewApiKey) => void
  onCancel: () => void
}

export function KeyForm({ busy, error, onSend, onCancel }: KeyFormProps) {
  const [name, setName] = useState('')
  const [days, setDays] = useState<number | null>(90)
  const [rateText, setRateText] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const reasons = error ? reasonsOf(error) : []
  const refused = refusal ?? reasons.find(({ pointer }) => pointer === '/name')?.message
  const rate = rateOf(rateText)
  const rateRefused = rate === undefined ? 'Write a whole number from 1 to 1,000,000.' : undefined
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = name.trim() === '' ? 'Write a name, such as nightly import.' : undefined
    setRefusal(missing)
    if (missing !== undefined) field.current?.focus()
    else if (rate !== undefined && !busy) {
      const expiresAt = expiryOf(days, new Date())
      onSend({ name: name.trim(), scopes: ['predict'], requestsPerMinute: rate, expiresAt })
    }
  }
  return (
    <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
      <FieldFrame label="Name" error={refused} help="Which program will use it.">
        {(binding) => (
          <TextInput
            {...binding}
            ref={field}
            name="name"
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </FieldFrame>
      <LifetimeField days={days} onChange={setDays} />
      <KeyRateField text={rateText} error={rateRefused} onChange={setRateText} />
      <p className="text-sm text-quiet">
        The key may ask models for predictions, and nothing else. It counts for the organisation,
        whoever made it.
      </p>
      {error && refused === undefined && <ProblemNotice error={error} />}
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={busy}>
          {busy ? 'Making the key…' : 'Make the key'}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

type LifetimeFieldProps = { days: number | null; onChange: (days: number | null) => void }

function LifetimeField({ days, onChange }: LifetimeFieldProps) {
  const expiry = expiryOf(days, new Date())
  const help = expiry === null ? 'Revoke it when the program is gone.' : <Until instant={expiry} />
  return (
    <FieldFrame label="Works for" help={help}>
      {(binding) => (
        <Select
          {...binding}
          name="lifetime"
          value={String(days)}
          onChange={({ target }) => {
            const lifetime = LIFETIMES.find((one) => String(one.days) === target.value)
            if (lifetime) onChange(lifetime.days)
          }}
        >
          {LIFETIMES.map((lifetime) => (
            <option key={lifetime.words} value={String(lifetime.days)}>
              {lifetime.words}
            </option>
          ))}
        </Select>
      )}
    </FieldFrame>
  )
}

function Until({ instant }: { instant: Date }) {
  return (
    <>
      Until <Day instant={instant} />.
    </>
  )
}
