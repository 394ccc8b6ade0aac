'use client'

import { useState } from 'react'
import type { Dataset } from '#api/types.ts'
import { formatBytes } from '#format/bytes.ts'
import { formatCount } from '#format/number.ts'
import { pluralOf } from '#format/words.ts'
import { Button, buttonLook } from '#ui/button.tsx'
import { Ago } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Bone, Loading } from '#ui/skeleton.tsx'
import { DeletionDialog } from './deletion-dialog.tsx'
import { PreviewTable } from './preview-table.tsx'
import { usePreview } from './queries.ts'

type DatasetListProps = { datasets: readonly Dataset[]; mayDelete: boolean }

export function DatasetList({ datasets, mayDelete }: DatasetListProps) {
  return (
    <ul aria-label="Datasets" className="divide-y divide-line rounded-lg border border-line">
      {datasets.map((dataset) => (
        <Row key={dataset.id} dataset={dataset} mayDelete={mayDelete} />
      ))}
    </ul>
  )
}

function Row({ dataset, mayDelete }: { dataset: Dataset; mayDelete: boolean }) {
  const [open, setOpen] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const title = `${dataset.name}, version ${dataset.version}`
  return (
    <li className="flex flex-col gap-3 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h3 className="font-medium break-words">{title}</h3>
          <p className="text-sm text-quiet">
            {counted(dataset.rowCount ?? 0, 'row')}, {counted(dataset.columns.length, 'column')},{' '}
            {formatBytes(dataset.sizeBytes)}, <Ago instant={dataset.createdAt} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            size="small"
            aria-expanded={open}
            aria-label={`Preview ${title}`}
            onClick={() => setOpen(!open)}
          >
            Preview
          </Button>
          <a
            href={`/v1/datasets/${dataset.id}/content`}
            download
            aria-label={`Download ${title}`}
            className={buttonLook('secondary', 'small')}
          >
            Download
          </a>
          {mayDelete && (
            <Button size="small" aria-label={`Delete ${title}`} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </div>
      </div>
      {open && <Preview id={dataset.id} label={`First rows of ${title}`} />}
      {deleting && <DeletionDialog dataset={dataset} onClose={() => setDeleting(false)} />}
    </li>
  )
}

function Preview({ id, label }: { id: string; label: string }) {
  const preview = usePreview(id)
  if (preview.isPending) {
    return (
      <Loading className="late">
        <Bone className="h-32 w-full" />
      </Loading>
    )
  }
  if (!preview.data) {
    return <ProblemNotice error={preview.error} retry={() => void preview.refetch()} />
  }
  return <PreviewTable preview={preview.data} label={label} />
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${count === 1 ? noun : pluralOf(noun)}`
}
