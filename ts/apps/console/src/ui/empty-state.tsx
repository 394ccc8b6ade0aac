import type { ReactNode } from 'react'

type EmptyStateProps = { title: string; children: ReactNode; action?: ReactNode }

/** What will be here, and the first step towards it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-start gap-1 rounded-lg border border-dashed border-line p-6">
      <p className="font-medium">{title}</p>
      <p className="max-w-[60ch] text-quiet">{children}</p>
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
