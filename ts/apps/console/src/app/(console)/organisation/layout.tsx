import type { ReactNode } from 'react'
import { OrganisationTabs } from '#organisation/organisation-tabs.tsx'

export default function OrganisationLayout({ children }: { children: ReactNode }) {
  return (
    <div className="max-w-[1120px]">
      <OrganisationTabs />
      {children}
    </div>
  )
}
