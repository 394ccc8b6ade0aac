import type { ModelSummary } from '#api/types.ts'
import { classes } from '#ui/classes.ts'

// Each state has a word and a shape, so that colour is never the only signal.
const LOOKS = {
  ready: { words: 'Ready', shape: 'rounded-full bg-live' },
  loading: { words: 'Loading', shape: 'rounded-full border-2 border-accent' },
  failed: { words: 'Failed', shape: 'rotate-45 bg-failed' },
} as const

export function StateMark({ state }: { state: ModelSummary['state'] }) {
  const { words, shape } = LOOKS[state]
  return (
    <span className="inline-flex items-center gap-2 text-sm">
      <span aria-hidden="true" className={classes('size-2', shape)} />
      {words}
    </span>
  )
}
