import Link from 'next/link'
import { classes } from '#ui/classes.ts'

const TABS = [
  { path: '/sign-in/', words: 'Sign in' },
  { path: '/sign-up/', words: 'Create an account' },
] as const

type AccountLinksProps = { current: (typeof TABS)[number]['path']; next: string | null }

/** The two ways in, next to each other; where one was going is kept. */
export function AccountLinks({ current, next }: AccountLinksProps) {
  const query = next === null ? '' : `?next=${encodeURIComponent(next)}`
  return (
    <nav aria-label="Ways in" className="mb-6 flex gap-5 border-b border-line">
      {TABS.map(({ path, words }) => (
        <Link
          key={path}
          href={path + query}
          aria-current={path === current ? 'page' : undefined}
          className={classes(
            '-mb-px border-b-2 pb-2.5',
            path === current
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
