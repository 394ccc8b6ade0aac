'use client'

import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { Session } from '#api/types.ts'
import { CONFIRM, ORGANISATIONS, signInPath } from '#identity/return-path.ts'
import { SignedInProvider, useSession } from '#identity/session.tsx'
import { Button } from '#ui/button.tsx'
import { MenuIcon } from '#ui/icons.tsx'
import { Sheet } from '#ui/lazy-sheet.ts'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { AccountNotice } from './account-notice.tsx'
import { ConnectionBar } from './connection-bar.tsx'
import { OrganisationMark } from './organisation-mark.tsx'
import { Rail } from './rail.tsx'

/** The frame of every page behind the sign-in: rail, connection bar, content. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useSession()
  const signedIn = useActing(session.data)
  useRedirect(session.data)
  useReloadFromBackCache()
  if (signedIn !== null) {
    const { person, organisation } = signedIn
    // Keyed by account, so that nothing of one is ever shown to the next.
    return (
      <SignedInProvider key={`${person.id} ${organisation.id}`} value={signedIn}>
        <Frame rail={<Rail />} bar={<NarrowBar />} notice={<AccountNotice />}>
          {children}
        </Frame>
      </SignedInProvider>
    )
  }
  return (
    <Frame rail={<RailSkeleton />} bar={null} notice={null}>
      {session.isError && (
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      )}
    </Frame>
  )
}

/** The session, once its person may work for an organisation; null before. */
function useActing(session: Session | null | undefined) {
  return useMemo(() => {
    if (!session?.organisation || session.person.mustConfirmEmail) return null
    return { ...session, organisation: session.organisation }
  }, [session])
}

/** Leads whoever may not be here to the page on which they find out why. */
function useRedirect(session: Session | null | undefined): void {
  const router = useRouter()
  useEffect(() => {
    if (session === null) {
      router.replace(signInPath(window.location.pathname + window.location.search))
    } else if (session?.person.mustConfirmEmail) router.replace(CONFIRM)
    else if (session?.organisation === null) router.replace(ORGANISATIONS)
  }, [session, router])
}

/** A page kept by the browser for its Back button may show what a person saw who has left since. */
function useReloadFromBackCache(): void {
  useEffect(() => {
    const reload = (event: PageTransitionEvent) => event.persisted && window.location.reload()
    window.addEventListener('pageshow', reload)
    return () => window.removeEventListener('pageshow', reload)
  }, [])
}

type FrameProps = { rail: ReactNode; bar: ReactNode; notice: ReactNode; children: ReactNode }

function Frame({ rail, bar, notice, children }: FrameProps) {
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-canvas focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <div className="min-h-dvh md:grid md:grid-cols-[232px_minmax(0,1fr)]">
        <header className="sticky top-0 z-10 hidden h-dvh border-r border-line bg-rail md:block">
          {rail}
        </header>
        <div className="min-w-0">
          {bar}
          <ConnectionBar />
          {notice}
          <main id="content" tabIndex={-1} className="px-4 py-6 outline-none md:px-8 md:py-8">
            {children}
          </main>
        </div>
      </div>
    </>
  )
}

function NarrowBar() {
  const [open, setOpen] = useState(false)
  const pathname = usePathname()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sheet closes when the page changes
  useEffect(() => setOpen(false), [pathname])
  return (
    <header className="flex h-12 items-center gap-2 border-b border-line bg-rail px-2 md:hidden">
      <Button look="quiet" size="square" aria-label="Open navigation" onClick={() => setOpen(true)}>
        <MenuIcon />
      </Button>
      <OrganisationMark />
      {open && (
        <Sheet onClose={() => setOpen(false)} side="left" title="Navigation" titled={false}>
          <Rail onNavigate={() => setOpen(false)} />
        </Sheet>
      )}
    </header>
  )
}

function RailSkeleton() {
  return (
    <Loading className="flex flex-col gap-4 p-4">
      <Bone className="h-6 w-40" />
      <Bone className="mt-3 h-5 w-28" />
      <Bone className="h-5 w-24" />
      <Bone className="h-5 w-32" />
    </Loading>
  )
}
