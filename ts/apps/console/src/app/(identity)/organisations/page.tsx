import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ChoicePage } from '#organisation/choice-page.tsx'

export const metadata: Metadata = { title: 'Organisations' }

export default function Page() {
  return (
    <Suspense>
      <ChoicePage />
    </Suspense>
  )
}
