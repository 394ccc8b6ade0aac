'use client'

import { type FormEvent, useId, useRef, useState } from 'react'
import { changeRoleMutation } from '#api/queries.ts'
import type { Member } from '#api/types.ts'
import { capitalised } from '#format/words.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { Select } from '#ui/control.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { isRole, ROLE_SENTENCES, type Role, rolesGivenBy } from './role.ts'

type RoleControlProps = {
  member: Member
  mine: boolean
  /** The role of who looks at it. */
  by: Role
  /** Why the role may not be changed; null where it may. */
  refusal: string | null
}

/** A member's role, to be changed where that is allowed. */
export function RoleControl({ refusal, ...rest }: RoleControlProps) {
  if (refusal === null) return <RoleForm {...rest} />
  return (
    <div className="py-1.5">
      <p>{capitalised(rest.member.role)}</p>
      {/* Whoever manages nobody need not be told so at every row. */}
      {rolesGivenBy(rest.by).length > 0 && <p className="text-xs text-quiet">{refusal}</p>}
    </div>
  )
}

// A select sends nothing by itself: its value changes with every press of an arrow key.
function RoleForm({ member, mine, by }: Omit<RoleControlProps, 'refusal'>) {
  const change = useOwnMutation(changeRoleMutation(useApi()))
  const [draft, setDraft] = useState<Role | null>(null)
  const select = useRef<HTMLSelectElement>(null)
  const help = useId()
  const chosen = draft ?? member.role
  const changed = chosen !== member.role
  const settle = () => {
    setDraft(null)
    change.reset()
    select.current?.focus()
  }
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (!changed || change.isPending) return
    change.mutate({ id: member.id, body: { role: chosen } }, { onSuccess: settle })
  }
  return (
    <form onSubmit={handleSubmit} className="flex flex-col gap-2">
      <div className="flex gap-2">
        <Select
          ref={select}
          className="w-32"
          aria-label={`Role of ${member.email}`}
          aria-describedby={changed ? help : undefined}
          value={chosen}
          onChange={({ target }) => isRole(target.value) && setDraft(target.value)}
        >
          {rolesGivenBy(by).map((role) => (
            <option key={role} value={role}>
              {capitalised(role)}
            </option>
          ))}
        </Select>
        {changed && (
          <>
            <Button type="submit" look="primary" busy={change.isPending}>
              Save
            </Button>
            <Button look="quiet" onClick={settle}>
              Keep
            </Button>
          </>
        )}
      </div>
      {changed && (
        <p id={help} className="text-xs text-quiet">
          {ROLE_SENTENCES[chosen]}
          {mine && ' You cannot take this back yourself.'}
        </p>
      )}
      {change.isError && <ProblemNotice error={change.error} />}
    </form>
  )
}
