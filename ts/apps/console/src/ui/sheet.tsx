'use client'

import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { buttonLook } from './button.tsx'
import { classes } from './classes.ts'
import { CloseIcon } from './icons.tsx'

const SIDES = {
  left: 'left-0 w-[280px] border-r animate-enter-left',
  right: 'right-0 w-full max-w-[480px] border-l animate-enter-right',
} as const

type SheetProps = {
  onClose: () => void
  title: string
  side: keyof typeof SIDES
  /** Whether the title is seen, not only read out. @default true */
  titled?: boolean
  children: ReactNode
}

/** A dialog along one side of the page; Escape and a click outside close it. */
export function Sheet({ onClose, title, side, titled = true, children }: SheetProps) {
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className={classes(
            'fixed inset-y-0 z-50 flex max-w-full flex-col overflow-y-auto border-line bg-canvas',
            'shadow-menu outline-none',
            SIDES[side],
          )}
        >
          <div className={classes('flex items-center justify-between', titled && 'px-4 pt-3')}>
            {/* While it is open, everything else is hidden: its title is the page's. */}
            <Dialog.Title asChild>
              <h1 className={titled ? 'text-lg font-semibold' : 'sr-only'}>{title}</h1>
            </Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className={classes(
                buttonLook('quiet', 'square'),
                !titled && 'absolute top-3 right-2',
              )}
            >
              <CloseIcon />
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
