'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import type { StoredPrediction } from '#api/types.ts'
import { formatDuration } from '#format/duration.ts'
import { Button } from '#ui/button.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { CloseIcon } from '#ui/icons.tsx'
import { Moment } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { Bars } from './bars.tsx'
import { InputView } from './input-view.tsx'
import { JsonView } from './json-view.tsx'
import { usePrediction } from './queries.ts'
import { classificationOf, sentenceOf } from './summary.ts'

type PredictionDetailProps = {
  id: string
  /** Closes the detail; left out where the frame around it has its own way. */
  onClose?: () => void
}

export function PredictionDetail({ id, onClose }: PredictionDetailProps) {
  const prediction = usePrediction(id)
  return (
    <>
      {onClose && (
        <div className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
          <h2 className="font-semibold">Prediction</h2>
          <Button look="quiet" size="square" aria-label="Close" title="Close" onClick={onClose}>
            <CloseIcon />
          </Button>
        </div>
      )}
      <div className="p-4">
        {prediction.isPending && <DetailSkeleton />}
        {prediction.isError && !prediction.data && (
          <ProblemNotice error={prediction.error} retry={() => void prediction.refetch()} />
        )}
        {prediction.data && <Loaded prediction={prediction.data} />}
      </div>
    </>
  )
}

function Loaded({ prediction }: { prediction: StoredPrediction }) {
  const classification = classificationOf(prediction.output)
  return (
    <div className="flex flex-col gap-6">
      {classification === null ? (
        <JsonView value={prediction.output} />
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-xl font-semibold tracking-tight">{sentenceOf(prediction.output)}</p>
          <Bars classification={classification} />
        </div>
      )}
      <section aria-label="Input" className="flex flex-col gap-2 border-t border-line pt-4">
        <h2 className="font-semibold">Input</h2>
        <InputView input={prediction.input} />
      </section>
      <dl className="flex flex-col gap-2 border-t border-line pt-4 text-sm">
        <Fact name="Model">
          <Link
            href={`/models/?name=${encodeURIComponent(prediction.model)}`}
            className="underline decoration-line underline-offset-4 hover:decoration-ink"
          >
            {prediction.model}
          </Link>
          , version {prediction.modelVersion}
        </Fact>
        <Fact name="Made">
          <Moment instant={prediction.createdAt} />
        </Fact>
        <Fact name="Took">{formatDuration(prediction.durationSeconds)}</Fact>
        <Fact name="ID">
          <span className="flex items-start gap-1">
            <code className="min-w-0 font-mono text-xs leading-5 break-all">{prediction.id}</code>
            <span className="-my-1.5">
              <CopyButton text={prediction.id} label="Copy prediction id" />
            </span>
          </span>
        </Fact>
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[64px_minmax(0,1fr)] gap-3">
      <dt className="text-quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function DetailSkeleton() {
  return (
    <Loading className="flex flex-col gap-3">
      <Bone className="h-7 w-40" />
      <Bone className="h-4 w-full" />
      <Bone className="h-4 w-full" />
      <Bone className="mt-4 h-16 w-full" />
    </Loading>
  )
}
