import type { ReactNode } from 'react'
import { StitchMark } from '#ui/icons.tsx'

export default function IdentityLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[392px] flex-col px-4 pt-[max(32px,14vh)] pb-8">
      <p className="mb-8 flex items-center gap-2 text-lg font-semibold">
        <StitchMark />
        Lockstitch
      </p>
      {children}
    </main>
  )
}
