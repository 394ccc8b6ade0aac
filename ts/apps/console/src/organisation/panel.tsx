'use client'

import type { KeyboardEvent, ReactNode } from 'react'

type PanelProps = {
  label: string
  /** What Escape does; null while the panel shows what would be lost. */
  onEscape: (() => void) | null
  children: ReactNode
}

/** Where something new is made, above the list that it will stand in. */
export function Panel({ label, onEscape, children }: PanelProps) {
  const handleKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onEscape?.()
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
