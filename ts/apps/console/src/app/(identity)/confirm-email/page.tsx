import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ConfirmEmailPage } from '#identity/confirm-email-page.tsx'

export const metadata: Metadata = { title: 'Confirm your e-mail address' }

export default function Page() {
  return (
    <Suspense>
      <ConfirmEmailPage />
    </Suspense>
  )
}
