import { formatDuration } from '#format/duration.ts'
import type { Prediction } from '#models/predict.ts'
import { Ago } from '#ui/moment.tsx'
import { Bars } from './bars.tsx'
import { JsonView } from './json-view.tsx'
import { classificationOf, sentenceOf } from './summary.ts'

/** The answer first, then how it came about in grey. */
export function Result({ prediction }: { prediction: Prediction }) {
  const classification = classificationOf(prediction.output)
  return (
    <div className="flex flex-col gap-4">
      {classification === null ? (
        <JsonView value={prediction.output} />
      ) : (
        <>
          <p className="text-2xl font-semibold tracking-tight">{sentenceOf(prediction.output)}</p>
          <Bars classification={classification} />
        </>
      )}
      <p className="text-xs text-quiet">
        {formatDuration(prediction.durationSeconds)}, version {prediction.modelVersion},{' '}
        <Ago instant={prediction.createdAt} />
      </p>
    </div>
  )
}
