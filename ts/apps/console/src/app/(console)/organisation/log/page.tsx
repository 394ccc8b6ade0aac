import type { Metadata } from 'next'
import { AdminsOnly } from '#organisation/admins-only.tsx'
import { LogPage } from '#organisation/log-page.tsx'

export const metadata: Metadata = { title: 'Audit log' }

export default function Page() {
  return (
    <AdminsOnly title="Audit log">
      <LogPage />
    </AdminsOnly>
  )
}
