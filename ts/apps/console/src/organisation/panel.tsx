'use client'

import type { KeyboardEvent, ReactNode } from 'react'

type PanelProps = { label: string; onClose: () => void; children: ReactNode }

/** Where something new is made, above the list that it will stand in. Escape closes it. */
export function Panel({ label, onClose, children }: PanelProps) {
  const handleKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
  }
  return (
    <section
      aria-label={label}
      onKeyDown={handleKey}
      className="mb-6 max-w-[640px] rounded-lg border border-line bg-panel p-4"
    >
      {children}
    </section>
  )
}
