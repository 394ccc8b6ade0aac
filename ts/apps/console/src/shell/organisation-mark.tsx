'use client'

import { useSignedIn } from '#identity/session.tsx'

/** The organisation's name behind its first letter. */
export function OrganisationMark() {
  const { organisation } = useSignedIn()
  return (
    <span className="flex min-w-0 items-center gap-2.5 font-medium">
      <span
        aria-hidden="true"
        className="flex size-6 shrink-0 items-center justify-center rounded-md bg-ink text-xs font-semibold text-canvas"
      >
        {organisation.name.charAt(0).toUpperCase()}
      </span>
      <span className="truncate" title={organisation.name}>
        {organisation.name}
      </span>
    </span>
  )
}
