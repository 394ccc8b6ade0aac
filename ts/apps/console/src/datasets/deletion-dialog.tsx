'use client'

import { deleteDatasetMutation } from '#api/queries.ts'
import type { Dataset } from '#api/types.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { ConfirmDialog } from '#ui/lazy-confirm-dialog.ts'

type DeletionDialogProps = { dataset: Dataset; onClose: () => void }

/** Asks before a version of a dataset is deleted for good. */
export function DeletionDialog({ dataset, onClose }: DeletionDialogProps) {
  const remove = useOwnMutation(deleteDatasetMutation(useApi()))
  return (
    <ConfirmDialog
      title={`Delete ${dataset.name}, version ${dataset.version}`}
      name={dataset.name}
      verb="Delete"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: dataset.id }, { onSuccess: onClose })}
      onClose={onClose}
    >
      The file is deleted for good. Other versions of this name stay.
    </ConfirmDialog>
  )
}
