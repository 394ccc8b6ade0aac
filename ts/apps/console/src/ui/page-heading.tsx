import type { ReactNode } from 'react'

type PageHeadingProps = { title: string; sentence: ReactNode; action?: ReactNode }

/** A page's title, its one sentence and its one primary action. */
export function PageHeading({ title, sentence, action }: PageHeadingProps) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-0.5 max-w-[70ch] text-quiet">{sentence}</p>
      </div>
      {action}
    </header>
  )
}
