'use client'

import { useState } from 'react'
import type { Member } from '#api/types.ts'
import { classes } from '#ui/classes.ts'
import { MEMBER_COLUMNS, MemberRow } from './member-row.tsx'
import { RemovalDialog } from './removal-dialog.tsx'
import type { Company } from './role.ts'

export function MemberList({ company }: { company: Company }) {
  const [leaving, setLeaving] = useState<Member | null>(null)
  return (
    <div className="@container rounded-lg border border-line text-sm">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 rounded-t-lg border-b border-line bg-rail px-4 py-2 text-xs text-quiet @2xl:grid',
          MEMBER_COLUMNS,
        )}
      >
        <span>Member</span>
        <span>Role</span>
        <span>Joined</span>
      </div>
      <ul aria-label="Members" className="divide-y divide-line">
        {company.members.map((member) => (
          <MemberRow
            key={member.id}
            member={member}
            company={company}
            onRemove={() => setLeaving(member)}
          />
        ))}
      </ul>
      {leaving && <RemovalDialog member={leaving} onClose={() => setLeaving(null)} />}
    </div>
  )
}
