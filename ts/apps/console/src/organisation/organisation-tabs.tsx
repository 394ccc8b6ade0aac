'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useSignedIn } from '#identity/session.tsx'
import { classes } from '#ui/classes.ts'
import { hasRole } from './role.ts'

const TABS = [
  { path: '/organisation/', words: 'Members', least: 'viewer' },
  { path: '/organisation/keys/', words: 'API keys', least: 'admin' },
  { path: '/organisation/log/', words: 'Audit log', least: 'admin' },
] as const

/** The pages of the organisation that this person may see. */
export function OrganisationTabs() {
  const pathname = usePathname()
  const { organisation } = useSignedIn()
  const tabs = TABS.filter(({ least }) => hasRole(organisation.role, least))
  if (tabs.length === 1) return null
  return (
    <nav aria-label="Organisation" className="mb-6 flex gap-5 border-b border-line">
      {tabs.map(({ path, words }) => (
        <Link
          key={path}
          href={path}
          aria-current={path === pathname ? 'page' : undefined}
          className={classes(
            '-mb-px border-b-2 pb-2.5',
            path === pathname
              ? 'border-ink font-medium'
              : 'border-transparent text-quiet hover:text-ink',
          )}
        >
          {words}
        </Link>
      ))}
    </nav>
  )
}
