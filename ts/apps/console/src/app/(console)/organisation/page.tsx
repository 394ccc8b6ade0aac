import type { Metadata } from 'next'
import { Suspense } from 'react'
import { MembersPage } from '#organisation/members-page.tsx'

export const metadata: Metadata = { title: 'Members' }

export default function Page() {
  return (
    <Suspense>
      <MembersPage />
    </Suspense>
  )
}
