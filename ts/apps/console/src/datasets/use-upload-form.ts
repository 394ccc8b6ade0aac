'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { UploadedDataset } from '#api/types.ts'
import { type Failure, reasonsOf } from '#service/failure.ts'
import { suggestedName } from './suggested-name.ts'
import { useUpload } from './use-upload.ts'

type Refusals = { readonly name?: string | undefined; readonly file?: string | undefined }

/** What the upload form holds, what is refused of it, and how it is sent. */
export function useUploadForm(onUploaded: (dataset: UploadedDataset) => void) {
  const { sending, progress } = useUpload()
  const [file, setFile] = useState<File | null>(null)
  const [name, setName] = useState('')
  const [missing, setMissing] = useState<Refusals>({})
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!sending.error && Object.keys(missing).length === 0) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [sending.error, missing])
  const choose = (chosen: File) => {
    setFile(chosen)
    setName((before) => before || suggestedName(chosen.name))
    setMissing({})
    if (!sending.isPending) sending.reset()
  }
  const finish = (dataset: UploadedDataset) => {
    setFile(null)
    setName('')
    onUploaded(dataset)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (sending.isPending) return
    const lacking = missingFields(name, file)
    setMissing(lacking)
    if (file === null || Object.keys(lacking).length > 0) return
    sending.mutate({ name, file }, { onSuccess: finish })
  }
  const refusals: Refusals = { ...refusalsOf(sending.error), ...missing }
  return { form, file, choose, name, setName, refusals, sending, progress, submit }
}

function refusalsOf(failure: Failure | null): Refusals {
  const reasons = failure ? reasonsOf(failure) : []
  const at = (pointer: string) => reasons.find((reason) => reason.pointer === pointer)?.message
  return { name: at('/name'), file: at('/file') }
}

function missingFields(name: string, file: File | null): Refusals {
  return {
    ...(file === null && { file: 'Choose a file.' }),
    ...(name.trim() === '' && { name: 'Write a name.' }),
  }
}
