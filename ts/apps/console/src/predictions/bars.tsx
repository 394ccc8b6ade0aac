import { formatShare } from '#format/number.ts'
import { classes } from '#ui/classes.ts'
import { type Classification, labelWords } from './summary.ts'

/** The probability of every label, the most probable first, with the values at the ends. */
export function Bars({ classification }: { classification: Classification }) {
  return (
    <ul aria-label="Probabilities" className="flex flex-col gap-2">
      {classification.shares.map(({ label, share }) => (
        <li key={label} className="grid grid-cols-[minmax(72px,auto)_1fr_64px] items-center gap-3">
          <span className="truncate text-sm">{labelWords(label)}</span>
          <span aria-hidden="true" className="h-2 overflow-hidden rounded-sm bg-sunken">
            <span
              className={classes(
                'block h-full rounded-sm',
                label === classification.label ? 'bg-accent' : 'bg-mark',
              )}
              style={{ width: `${share * 100}%` }}
            />
          </span>
          <span className="text-right font-mono text-sm tabular-nums">{formatShare(share, 1)}</span>
        </li>
      ))}
    </ul>
  )
}
