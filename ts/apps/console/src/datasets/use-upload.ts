'use client'

import { useState } from 'react'
import { uploadDatasetOperation } from '#api/operations.ts'
import { uploadDatasetMutation } from '#api/queries.ts'
import { type UploadProgress, upload } from '#api/runtime/upload.ts'
import type { DatasetUpload } from '#api/types.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'

/** Sends a dataset and tells how far it is. */
export function useUpload() {
  const api = useApi()
  const [progress, setProgress] = useState<UploadProgress | null>(null)
  const sending = useOwnMutation({
    ...uploadDatasetMutation(api),
    mutationFn: (input: DatasetUpload) =>
      upload(api, uploadDatasetOperation, input, { onProgress: setProgress }),
    onMutate: () => setProgress(null),
  })
  return { sending, progress }
}
