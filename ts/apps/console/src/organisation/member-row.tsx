'use client'

import type { Member } from '#api/types.ts'
import { Button } from '#ui/button.tsx'
import { classes } from '#ui/classes.ts'
import { Ago } from '#ui/moment.tsx'
import { type Company, removalRefusal, roleRefusal } from './role.ts'
import { RoleControl } from './role-control.tsx'

/** The columns of the list where there is room for a table. */
export const MEMBER_COLUMNS = '@2xl:grid-cols-[minmax(0,1fr)_300px_88px_88px]'

type MemberRowProps = { member: Member; company: Company; onRemove: () => void }

export function MemberRow({ member, company, onRemove }: MemberRowProps) {
  const mine = member.id === company.me
  const refusal = roleRefusal(member, company)
  const verb = mine ? 'Leave' : 'Remove'
  return (
    <li
      className={classes(
        'grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-2 px-4 py-2.5',
        MEMBER_COLUMNS,
      )}
    >
      <span className="col-span-2 min-w-0 py-1.5 break-words @2xl:col-span-1">
        {member.email}
        {mine && <span className="text-quiet"> (you)</span>}
      </span>
      <div className="col-span-2 min-w-0 @2xl:col-span-1">
        <RoleControl member={member} mine={mine} by={company.role} refusal={refusal} />
      </div>
      <span className="py-1.5 text-quiet">
        <span className="@2xl:sr-only">Joined </span>
        <Ago instant={member.createdAt} />
      </span>
      {removalRefusal(member, company) === null ? (
        <Button
          size="small"
          look="quiet"
          className="justify-self-end"
          aria-label={mine ? 'Leave the organisation' : `Remove ${member.email}`}
          onClick={onRemove}
        >
          {verb}
        </Button>
      ) : (
        <span />
      )}
    </li>
  )
}
