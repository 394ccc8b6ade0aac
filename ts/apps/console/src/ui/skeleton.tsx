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

/** The skeleton of a list with a text and a short value in each row. */
export function ListSkeleton() {
  return (
    <Loading className="late rounded-lg border border-line">
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="flex gap-6 px-4 py-3">
          <Bone className="h-5 flex-1" />
          <Bone className="h-5 w-24" />
        </div>
      ))}
    </Loading>
  )
}
