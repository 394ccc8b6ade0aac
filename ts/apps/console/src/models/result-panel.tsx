'use client'

import { useEffect, useRef } from 'react'
import type { ModelSummary } from '#api/types.ts'
import { Result } from '#predictions/result.tsx'
import { Snippet } from '#predictions/snippet.tsx'
import { reasonsOf } from '#service/failure.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import type { PredictionFormState } from './use-prediction-form.ts'

type ResultPanelProps = { model: ModelSummary; state: PredictionFormState }

/** What the model answered last, or what stands in its place. */
export function ResultPanel({ model, state }: ResultPanelProps) {
  const outcome = useRef<HTMLDivElement>(null)
  // On a narrow page the answer comes below the button that was pressed.
  useEffect(() => {
    if (state.data) outcome.current?.scrollIntoView({ block: 'nearest' })
  }, [state.data])
  return (
    <section aria-labelledby="result" className="flex min-w-0 flex-col gap-5 lg:sticky lg:top-8">
      <h2 id="result" className="font-semibold">
        Result
      </h2>
      <div ref={outcome} aria-live="polite">
        <Outcome state={state} />
      </div>
      {state.isSuccess && <Snippet path={model.predictionsPath} body={state.variables} />}
    </section>
  )
}

function Outcome({ state }: { state: PredictionFormState }) {
  if (state.isPending) return <ResultSkeleton />
  if (state.isSuccess) return <Result prediction={state.data} />
  // Refused values are shown at their fields, not once more over here.
  if (state.isError && reasonsOf(state.error).length === 0) {
    return <ProblemNotice error={state.error} retry={state.submit} />
  }
  return (
    <EmptyState title="No result yet">
      Fill in the input and predict; the answer appears here.
    </EmptyState>
  )
}

function ResultSkeleton() {
  return (
    <Loading className="flex flex-col gap-4">
      <Bone className="h-8 w-44" />
      <Bone className="h-4 w-full" />
      <Bone className="h-4 w-full" />
      <Bone className="h-4 w-40" />
    </Loading>
  )
}
