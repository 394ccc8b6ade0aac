'use client'

import { Button } from '#ui/button.tsx'
import { StitchMark } from '#ui/icons.tsx'

/** What stands in place of a page that could not be drawn. */
export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-[392px] flex-col items-start gap-3 px-4 pt-[14vh]">
      <StitchMark />
      <h1 className="text-xl font-semibold">This page could not be drawn</h1>
      <p className="text-quiet">
        What was stored is safe. Draw the page again; if that fails too, reload it.
      </p>
      <Button look="primary" onClick={reset}>
        Draw again
      </Button>
    </main>
  )
}
