import type { Metadata } from 'next'
import { Suspense } from 'react'
import { AccountPage } from '#identity/account-page.tsx'

export const metadata: Metadata = { title: 'Account' }

export default function Page() {
  return (
    <Suspense>
      <AccountPage />
    </Suspense>
  )
}
