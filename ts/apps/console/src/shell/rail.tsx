'use client'

import dynamic from 'next/dynamic'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { classes } from '#ui/classes.ts'
import {
  BookIcon,
  DatasetsIcon,
  HistoryIcon,
  ModelsIcon,
  OutwardIcon,
  PeopleIcon,
} from '#ui/icons.tsx'
import { OrganisationMark } from './organisation-mark.tsx'

const ENTRY = 'flex h-8 items-center gap-2.5 rounded-md px-2.5'

// The menu's library is a fifth of the page; the page does not wait for it.
const AccountMenu = dynamic(
  () => import('./account-menu.tsx').then((module) => module.AccountMenu),
  {
    loading: () => <div className="h-9" />,
  },
)

const OrganisationMenu = dynamic(
  () => import('./organisation-menu.tsx').then((module) => module.OrganisationMenu),
  { loading: () => <OrganisationMark /> },
)

/** The organisation on top, the places in the middle, the person at the bottom. */
export function Rail({ onNavigate }: { onNavigate?: () => void }) {
  return (
    <div className="flex h-full min-h-0 flex-1 flex-col p-3">
      <div className="flex h-8 items-center px-1.5 pr-10 md:pr-1.5">
        <OrganisationMenu />
      </div>
      <nav aria-label="Main" className="mt-4 flex flex-col gap-0.5">
        <Entry href="/models/" icon={<ModelsIcon />} onNavigate={onNavigate}>
          Models
        </Entry>
        <Entry href="/history/" icon={<HistoryIcon />} onNavigate={onNavigate}>
          History
        </Entry>
        <Entry href="/datasets/" icon={<DatasetsIcon />} onNavigate={onNavigate}>
          Datasets
        </Entry>
        <Entry href="/organisation/" icon={<PeopleIcon />} onNavigate={onNavigate}>
          Organisation
        </Entry>
        <a href="/docs" className={classes(ENTRY, 'text-quiet hover:bg-sunken hover:text-ink')}>
          <BookIcon />
          API reference
          <span className="ml-auto">
            <OutwardIcon />
          </span>
        </a>
      </nav>
      <div className="mt-auto pt-3">
        <AccountMenu />
      </div>
    </div>
  )
}

type EntryProps = {
  href: string
  icon: ReactNode
  onNavigate: (() => void) | undefined
  children: ReactNode
}

function Entry({ href, icon, onNavigate, children }: EntryProps) {
  const current = usePathname().startsWith(href.slice(0, -1))
  return (
    <Link
      href={href}
      {...(onNavigate && { onClick: onNavigate })}
      aria-current={current ? 'page' : undefined}
      className={classes(
        ENTRY,
        current ? 'bg-sunken font-medium text-ink' : 'text-quiet hover:bg-sunken hover:text-ink',
      )}
    >
      {icon}
      {children}
    </Link>
  )
}
