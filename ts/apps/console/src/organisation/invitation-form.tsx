'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { NewInvitation } from '#api/types.ts'
import { capitalised } from '#format/words.ts'
import { emailRefusal } from '#identity/credentials.ts'
import { useSignedIn } from '#identity/session.tsx'
import { type Failure, reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { Select, TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { isRole, ROLE_SENTENCES, type Role, rolesGivenBy } from './role.ts'

type InvitationFormProps = {
  busy: boolean
  error: Failure | null
  onSend: (invitation: NewInvitation) => void
  onCancel: () => void
}

export function InvitationForm({ busy, error, onSend, onCancel }: InvitationFormProps) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [refusal, setRefusal] = useState<string | undefined>()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const reasons = error ? reasonsOf(error) : []
  const refused = refusal ?? reasons.find(({ pointer }) => pointer === '/email')?.message
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = emailRefusal(email.trim())
    setRefusal(missing)
    if (missing !== undefined) field.current?.focus()
    else if (!busy) onSend({ email: email.trim(), role })
  }
  return (
    <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
      <FieldFrame
        label="E-mail of the person"
        error={refused}
        help="Only whoever signs in with this address can accept."
      >
        {(binding) => (
          <TextInput
            {...binding}
            ref={field}
            name="email"
            type="email"
            inputMode="email"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </FieldFrame>
      <RoleField role={role} onChange={setRole} />
      {error && refused === undefined && <ProblemNotice error={error} />}
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={busy}>
          {busy ? 'Inviting…' : 'Make the invitation'}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function RoleField({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const { organisation } = useSignedIn()
  return (
    <FieldFrame label="Role" help={ROLE_SENTENCES[role]}>
      {(binding) => (
        <Select
          {...binding}
          name="role"
          value={role}
          onChange={({ target }) => isRole(target.value) && onChange(target.value)}
        >
          {rolesGivenBy(organisation.role).map((one) => (
            <option key={one} value={one}>
              {capitalised(one)}
            </option>
          ))}
        </Select>
      )}
    </FieldFrame>
  )
}
