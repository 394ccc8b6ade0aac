'use client'

import { useState } from 'react'
import type { UploadedDataset } from '#api/types.ts'
import { useSignedIn } from '#identity/session.tsx'
import { hasRole } from '#organisation/role.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { DatasetList } from './dataset-list.tsx'
import { PreviewTable } from './preview-table.tsx'
import { useDatasets } from './queries.ts'
import { UploadForm } from './upload-form.tsx'

/** The organisation's files to train on, and the way to add one. */
export function DatasetsPage() {
  const { organisation } = useSignedIn()
  const [uploaded, setUploaded] = useState<UploadedDataset | null>(null)
  const mayChange = hasRole(organisation.role, 'member')
  return (
    <>
      <PageHeading
        title="Datasets"
        sentence={
          mayChange
            ? 'Files to train on. Each upload of a name is kept as a version.'
            : 'Files to train on. Members of your organisation upload and delete them.'
        }
      />
      <div className="flex flex-col gap-6">
        {mayChange && <UploadForm onUploaded={setUploaded} />}
        {uploaded && <Uploaded dataset={uploaded} />}
        <section aria-labelledby="kept">
          <h2 id="kept" className="mb-3 text-base font-semibold">
            All datasets
          </h2>
          <Datasets mayChange={mayChange} />
        </section>
      </div>
    </>
  )
}

function Uploaded({ dataset }: { dataset: UploadedDataset }) {
  const title = `${dataset.name}, version ${dataset.version}`
  return (
    <section aria-label="Uploaded" className="flex flex-col gap-3">
      <p role="status">
        Uploaded {title}: {dataset.columns.map(({ name, type }) => `${name} (${type})`).join(', ')}.
      </p>
      <PreviewTable preview={dataset.preview} label={`What was read of ${title}`} />
    </section>
  )
}

function Datasets({ mayChange }: { mayChange: boolean }) {
  const pages = useDatasets()
  if (pages.isPending) return <ListSkeleton />
  if (!pages.data) return <ProblemNotice error={pages.error} retry={() => void pages.refetch()} />
  const datasets = pages.data.pages.flatMap((page) => page.items)
  if (datasets.length === 0) {
    return (
      <EmptyState title="No datasets yet">
        Each file that somebody of your organisation uploads is kept here with its columns, its rows
        and its versions.
      </EmptyState>
    )
  }
  return (
    <>
      <DatasetList datasets={datasets} mayDelete={mayChange} />
      <LoadMore pages={pages} />
    </>
  )
}

function ListSkeleton() {
  return (
    <Loading className="late rounded-lg border border-line">
      {[0, 1, 2].map((row) => (
        <div key={row} className="flex gap-6 px-4 py-4">
          <Bone className="h-8 flex-1" />
          <Bone className="h-8 w-40" />
        </div>
      ))}
    </Loading>
  )
}
