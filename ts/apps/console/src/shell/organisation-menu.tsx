'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import { listOrganisationsQuery, switchOrganisationMutation } from '#api/queries.ts'
import { useAccountWatch } from '#identity/account-watch.tsx'
import { HOME, ORGANISATIONS } from '#identity/return-path.ts'
import { useSignedIn } from '#identity/session.tsx'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { sentenceOf } from '#service/failure.ts'
import { classes } from '#ui/classes.ts'
import { FieldError } from '#ui/field-frame.tsx'
import { CheckIcon, UpDownIcon } from '#ui/icons.tsx'
import { OrganisationMark } from './organisation-mark.tsx'

const ITEM = classes(
  'flex min-h-8 items-center gap-2 rounded-md px-2 py-1 outline-none select-none',
  'data-highlighted:bg-sunken',
)

/** Which organisation the page is about, and the way to another one. */
export function OrganisationMenu() {
  const { organisation } = useSignedIn()
  const change = useSwitch()
  return (
    <div className="min-w-0 flex-1">
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="-ml-1 flex h-9 w-full min-w-0 items-center justify-between gap-2 rounded-md px-1 hover:bg-sunken">
          <span className="sr-only">Organisation </span>
          <OrganisationMark />
          <span className="text-quiet">
            <UpDownIcon />
          </span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-[60dvh] w-60 animate-enter overflow-y-auto rounded-lg border border-line bg-panel p-1 shadow-menu"
        >
          <Choice
            current={organisation.id}
            onChoose={(organisationId) => change.mutate({ organisationId })}
          />
          <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />
          <DropdownMenu.Item asChild className={ITEM}>
            <Link href={ORGANISATIONS}>Make or join another</Link>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      {change.isError && <FieldError>{sentenceOf(change.error)}</FieldError>}
    </div>
  )
}

type ChoiceProps = { current: string; onChoose: (id: string) => void }

function Choice({ current, onChoose }: ChoiceProps) {
  const organisations = useQuery(listOrganisationsQuery(useApi()))
  if (!organisations.data) {
    const words = organisations.isError ? sentenceOf(organisations.error) : 'Loading…'
    return <p className="px-2 py-1.5 text-sm text-quiet">{words}</p>
  }
  return (
    <DropdownMenu.RadioGroup
      value={current}
      onValueChange={(id) => id !== current && onChoose(id)}
      aria-label="Organisations"
    >
      {organisations.data.items.map(({ id, name, role }) => (
        <DropdownMenu.RadioItem key={id} value={id} className={ITEM}>
          <span className="min-w-0 flex-1 truncate" title={name}>
            {name}
          </span>
          <span className="text-xs text-quiet">{role}</span>
          <span className="flex w-4 justify-center">
            <DropdownMenu.ItemIndicator>
              <CheckIcon />
            </DropdownMenu.ItemIndicator>
          </span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

function useSwitch() {
  const { announce } = useAccountWatch()
  return useOwnMutation({
    ...switchOrganisationMutation(useApi()),
    onSuccess: () => {
      announce()
      // A new document asks for everything anew and forgets what this one saw.
      window.location.assign(HOME)
    },
  })
}
