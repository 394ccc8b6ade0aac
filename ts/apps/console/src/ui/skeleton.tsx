import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** A grey block in the shape of a line or a control that is on its way. */
export function Bone({ className }: { className: string }) {
  return <span aria-hidden="true" className={classes('skeleton block', className)} />
}

/** The frame of a skeleton: says to everybody that something is on its way. */
export function Loading({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="status" className={className}>
      <span className="sr-only">Loading</span>
      {children}
    </div>
  )
}
