'use client'

import { switchOrganisationMutation } from '#api/queries.ts'
import type { Session, SessionOrganisation } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { useEntrance } from './use-entrance.ts'

type ChoiceListProps = { session: Session; organisations: readonly SessionOrganisation[] }

/** The organisations of a person, each with the way in. */
export function ChoiceList({ session, organisations }: ChoiceListProps) {
  const open = useEntrance(switchOrganisationMutation(useApi()), session)
  return (
    <div className="flex flex-col gap-3">
      {open.isError && <ProblemNotice error={open.error} />}
      <ul
        aria-label="Your organisations"
        className="divide-y divide-line rounded-lg border border-line"
      >
        {organisations.map(({ id, name, role }) => (
          <li key={id} className="flex items-center gap-3 py-2 pr-2 pl-4">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium" title={name}>
                {name}
              </span>
              <span className="block text-xs text-quiet">
                {role}
                {id === session.organisation?.id && ', open now'}
              </span>
            </span>
            <Button
              size="small"
              busy={open.isPending && open.variables.organisationId === id}
              aria-label={`Open ${name}`}
              onClick={() => open.mutate({ organisationId: id })}
            >
              Open
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}
