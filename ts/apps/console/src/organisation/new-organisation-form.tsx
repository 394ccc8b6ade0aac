'use client'

import { type FormEvent, useRef, useState } from 'react'
import { createOrganisationMutation } from '#api/queries.ts'
import type { Session } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { useEntrance } from './use-entrance.ts'

/** Makes an organisation, of which the person is the owner. */
export function NewOrganisationForm({ session }: { session: Session }) {
  const make = useEntrance(createOrganisationMutation(useApi()), session)
  // One id for all attempts, so that one that was sent twice makes no second organisation.
  const [id] = useState(() => crypto.randomUUID())
  const [name, setName] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const field = useRef<HTMLInputElement>(null)
  const reasons = make.isError ? reasonsOf(make.error) : []
  const refused = refusal ?? reasons.find(({ pointer }) => pointer === '/name')?.message
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = name.trim() === '' ? 'Write a name, such as Analytical Engines.' : undefined
    setRefusal(missing)
    if (missing !== undefined) field.current?.focus()
    else if (!make.isPending) make.mutate({ id, body: { name: name.trim() } })
  }
  return (
    <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-4">
      <FieldFrame
        label="New organisation"
        error={refused}
        help="You will be its owner. It sees nothing of your others."
      >
        {(binding) => (
          <TextInput
            {...binding}
            ref={field}
            name="organisation"
            autoComplete="organization"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </FieldFrame>
      {make.isError && refused === undefined && <ProblemNotice error={make.error} />}
      <Button type="submit" look="primary" busy={make.isPending} className="justify-center">
        {make.isPending ? 'Making the organisation…' : 'Make the organisation'}
      </Button>
    </form>
  )
}
