import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ForgotPasswordPage } from '#identity/forgot-password-page.tsx'

export const metadata: Metadata = { title: 'Choose a new password' }

export default function Page() {
  return (
    <Suspense>
      <ForgotPasswordPage />
    </Suspense>
  )
}
