'use client'

import Link from 'next/link'
import type { ModelSummary } from '#api/types.ts'
import { classes } from '#ui/classes.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { Ago } from '#ui/moment.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { heldOutSentence } from './metrics.ts'
import { useModels } from './queries.ts'
import { StateMark } from './state-mark.tsx'

const COLUMNS = 'lg:grid-cols-[minmax(0,1fr)_88px_80px_minmax(200px,240px)_104px]'

/** The address of one model's page. */
export function modelPath(name: string): string {
  return `/models/?name=${encodeURIComponent(name)}`
}

export function ModelList() {
  const models = useModels()
  return (
    <>
      <PageHeading
        title="Models"
        sentence="What this server can predict. Open a model to try it."
      />
      {models.isPending && <ListSkeleton />}
      {models.isError && !models.data && (
        <ProblemNotice error={models.error} retry={() => void models.refetch()} />
      )}
      {models.data?.length === 0 && <NoModels />}
      {models.data && models.data.length > 0 && <Rows models={models.data} />}
    </>
  )
}

function Rows({ models }: { models: readonly ModelSummary[] }) {
  return (
    <div className="rounded-lg border border-line text-sm">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-6 rounded-t-lg border-b border-line bg-rail px-4 py-2 text-xs text-quiet lg:grid',
          COLUMNS,
        )}
      >
        <span>Model</span>
        <span>State</span>
        <span className="text-right">Version</span>
        <span>Held-out accuracy</span>
        <span className="text-right">Added</span>
      </div>
      <ul aria-label="Models" className="divide-y divide-line">
        {models.map((model) => (
          <Row key={model.name} model={model} />
        ))}
      </ul>
    </div>
  )
}

function Row({ model }: { model: ModelSummary }) {
  const heldOut = heldOutSentence(model)
  return (
    <li
      className={classes(
        'relative flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-3 lg:gap-x-6 hover:bg-rail lg:grid',
        COLUMNS,
      )}
    >
      <div className="w-full min-w-0">
        <Link
          href={modelPath(model.name)}
          className="text-base font-medium after:absolute after:inset-0"
        >
          {model.title}
        </Link>
        <p className="text-quiet">{model.description}</p>
      </div>
      <StateMark state={model.state} />
      <span className="lg:text-right lg:font-mono">
        <span className="lg:sr-only">version </span>
        {model.version}
      </span>
      <span>{heldOut ?? <span className="text-quiet">Not measured</span>}</span>
      <span className="text-quiet lg:text-right">
        <Ago instant={model.createdAt} />
      </span>
    </li>
  )
}

function NoModels() {
  return (
    <EmptyState title="No models yet">
      Models that the application passes to Lockstitch appear here. Add one to{' '}
      <code className="font-mono text-sm">Lockstitch(app, models=[…])</code> and start the server
      again.
    </EmptyState>
  )
}

function ListSkeleton() {
  return (
    <Loading className="late rounded-lg border border-line">
      {[0, 1].map((row) => (
        <div key={row} className="flex flex-col gap-2 px-4 py-3.5">
          <Bone className="h-4 w-40" />
          <Bone className="h-4 w-72 max-w-full" />
        </div>
      ))}
    </Loading>
  )
}
