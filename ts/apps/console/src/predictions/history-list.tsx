'use client'

import type { MouseEvent } from 'react'
import type { StoredPrediction } from '#api/types.ts'
import { classes } from '#ui/classes.ts'
import { Ago } from '#ui/moment.tsx'
import { inputSummary, sentenceOf } from './summary.ts'

// As many columns as the list's own width allows, for the detail may stand beside it.
const COLUMNS =
  '@md:grid-cols-[minmax(0,1fr)_120px_96px] @2xl:grid-cols-[minmax(0,1fr)_minmax(120px,168px)_112px_96px]'

type HistoryListProps = {
  predictions: readonly StoredPrediction[]
  chosen: string | null
  onChoose: (id: string) => void
}

export function HistoryList({ predictions, ...rest }: HistoryListProps) {
  return (
    <div className="@container rounded-lg border border-line text-sm">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 rounded-t-lg border-b border-line bg-rail px-4 py-2 text-xs text-quiet @md:grid',
          COLUMNS,
        )}
      >
        <span>Input</span>
        <span>Result</span>
        <span className="hidden @2xl:block">Model</span>
        <span className="text-right">Made</span>
      </div>
      <ul aria-label="Predictions" className="divide-y divide-line">
        {predictions.map((prediction) => (
          <Row key={prediction.id} prediction={prediction} {...rest} />
        ))}
      </ul>
    </div>
  )
}

type RowProps = Omit<HistoryListProps, 'predictions'> & { prediction: StoredPrediction }

function Row({ prediction, chosen, onChoose }: RowProps) {
  const current = prediction.id === chosen
  const handleClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    onChoose(prediction.id)
  }
  return (
    <li
      className={classes(
        'relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5',
        ' last:rounded-b-lg',
        current ? 'bg-sunken' : 'hover:bg-rail',
        COLUMNS,
      )}
    >
      <a
        href={`/history/?id=${encodeURIComponent(prediction.id)}`}
        aria-current={current ? 'true' : undefined}
        onClick={handleClick}
        className="col-span-2 truncate after:absolute after:inset-0 @md:col-span-1"
      >
        {inputSummary(prediction.input)}
      </a>
      <span className="truncate font-medium">{sentenceOf(prediction.output)}</span>
      <span className="hidden truncate text-quiet @2xl:block">
        {prediction.model} {prediction.modelVersion}
      </span>
      <span className="text-right text-quiet">
        <Ago instant={prediction.createdAt} />
      </span>
    </li>
  )
}
