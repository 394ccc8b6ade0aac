import type { Metadata } from 'next'
import { AdminsOnly } from '#organisation/admins-only.tsx'
import { KeysPage } from '#organisation/keys-page.tsx'

export const metadata: Metadata = { title: 'API keys' }

export default function Page() {
  return (
    <AdminsOnly title="API keys">
      <KeysPage />
    </AdminsOnly>
  )
}
