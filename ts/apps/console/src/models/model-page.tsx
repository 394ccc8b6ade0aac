'use client'

import Link from 'next/link'
import type { ModelSummary } from '#api/types.ts'
import { Ago } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { heldOutSentence, metricRows } from './metrics.ts'
import { PredictionForm } from './prediction-form.tsx'
import { useModel } from './queries.ts'
import { StateMark } from './state-mark.tsx'

export function ModelPage({ name }: { name: string }) {
  const model = useModel(name)
  return (
    <div className="max-w-[1120px]">
      <nav aria-label="Path" className="mb-2 text-sm text-quiet">
        <ol className="flex gap-2">
          <li>
            <Link href="/models/" className="hover:text-ink">
              Models
            </Link>
          </li>
          <li aria-hidden="true">/</li>
          <li aria-current="page" className="truncate font-mono">
            {name}
          </li>
        </ol>
      </nav>
      {model.isPending && <PageSkeleton />}
      {model.isError && !model.data && (
        <>
          <h1 className="mb-4 text-xl font-semibold tracking-tight">{name}</h1>
          <ProblemNotice error={model.error} retry={() => void model.refetch()} />
        </>
      )}
      {model.data && <Loaded model={model.data} />}
    </div>
  )
}

function Loaded({ model }: { model: ModelSummary }) {
  return (
    <>
      <title>{`${model.title} · Lockstitch`}</title>
      <Heading model={model} />
      {model.state === 'failed' && (
        <p role="alert" className="mb-6 rounded-lg border border-failed/40 p-4">
          This version could not be loaded. The server's log says why; predictions are refused until
          it starts with files that it can read.
        </p>
      )}
      <PredictionForm model={model} />
      <Metrics model={model} />
    </>
  )
}

function Heading({ model }: { model: ModelSummary }) {
  const heldOut = heldOutSentence(model)
  return (
    <header className="mb-6">
      <h1 className="text-xl font-semibold tracking-tight">{model.title}</h1>
      <p className="mt-0.5 max-w-[70ch] text-quiet">{model.description}</p>
      <p className="mt-3 flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
        <StateMark state={model.state} />
        <span>Version {model.version}</span>
        {heldOut && <span>{heldOut}</span>}
        <span className="text-quiet">
          added <Ago instant={model.createdAt} />
        </span>
      </p>
    </header>
  )
}

function Metrics({ model }: { model: ModelSummary }) {
  const rows = metricRows(model)
  if (rows.length === 0) return null
  return (
    <section aria-labelledby="metrics" className="mt-10 max-w-[544px]">
      <h2 id="metrics" className="mb-2 font-semibold">
        Metrics of version {model.version}
      </h2>
      <dl className="divide-y divide-line border-y border-line text-sm">
        {rows.map(({ name, value }) => (
          <div key={name} className="flex justify-between gap-4 py-2">
            <dt className="text-quiet">{name}</dt>
            <dd className="font-mono whitespace-nowrap tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function PageSkeleton() {
  return (
    <Loading>
      <Bone className="h-7 w-48" />
      <Bone className="mt-2 h-5 w-80 max-w-full" />
      <div className="mt-10 grid gap-8 lg:grid-cols-2">
        <Bone className="h-48 w-full" />
        <Bone className="h-48 w-full" />
      </div>
    </Loading>
  )
}
