'use client'

import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import { capitalised } from '#format/words.ts'
import { useSignedIn } from '#identity/session.tsx'
import { useSignOut } from '#identity/sign-out-button.tsx'
import { sentenceOf } from '#service/failure.ts'
import { classes } from '#ui/classes.ts'
import { FieldError } from '#ui/field-frame.tsx'
import { CheckIcon, UpDownIcon } from '#ui/icons.tsx'
import { isTheme, THEMES, useTheme } from './theme.ts'

const ITEM = classes(
  'flex h-8 items-center gap-2 rounded-md px-2 outline-none select-none',
  'data-highlighted:bg-sunken',
)

/** Who is signed in, the theme, and the way out. */
export function AccountMenu() {
  const { person, organisation } = useSignedIn()
  const leave = useSignOut()
  return (
    <>
      {leave.isError && <FieldError>{sentenceOf(leave.error)}</FieldError>}
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          aria-label={`Account ${person.email}`}
          className="flex h-9 w-full items-center gap-2 rounded-md px-2 text-left text-sm text-quiet hover:bg-sunken hover:text-ink"
        >
          <span className="min-w-0 flex-1 truncate">{person.email}</span>
          <UpDownIcon />
        </DropdownMenu.Trigger>
        <DropdownMenu.Content
          align="start"
          side="top"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-60 animate-enter rounded-lg border border-line bg-panel p-1 shadow-menu"
        >
          <div className="px-2 pt-1.5 pb-2">
            <p className="truncate font-medium">{organisation.name}</p>
            <p className="truncate text-sm text-quiet">
              {person.email}, {organisation.role}
            </p>
          </div>
          <Separator />
          <ThemeChoice />
          <Separator />
          <DropdownMenu.Item asChild className={ITEM}>
            <Link href="/account/">Account</Link>
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => leave.mutate()}>
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
    </>
  )
}

function ThemeChoice() {
  const [theme, chooseTheme] = useTheme()
  return (
    <>
      <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-quiet">Theme</DropdownMenu.Label>
      <DropdownMenu.RadioGroup
        value={theme}
        onValueChange={(value) => isTheme(value) && chooseTheme(value)}
      >
        {THEMES.map((choice) => (
          <DropdownMenu.RadioItem
            key={choice}
            value={choice}
            className={classes(ITEM, 'justify-between')}
            onSelect={(event) => event.preventDefault()}
          >
            {capitalised(choice)}
            <DropdownMenu.ItemIndicator>
              <CheckIcon />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  )
}

function Separator() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />
}
