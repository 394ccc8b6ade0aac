'use client'

import { useCallback, useRef, useState } from 'react'

/** A panel that a button opens; closing it gives the focus back to the button. */
export function usePanel() {
  const [open, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const close = useCallback(() => {
    setOpen(false)
    opener.current?.focus()
  }, [])
  return {
    open,
    close,
    opener: { ref: opener, 'aria-expanded': open, onClick: () => setOpen(true) },
  }
}
