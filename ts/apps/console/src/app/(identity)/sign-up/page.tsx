import type { Metadata } from 'next'
import { Suspense } from 'react'
import { SignUpPage } from '#identity/sign-up-page.tsx'

export const metadata: Metadata = { title: 'Create an account' }

export default function Page() {
  return (
    <Suspense>
      <SignUpPage />
    </Suspense>
  )
}
