'use client'

import type { UploadProgress } from '#api/runtime/upload.ts'
import type { UploadedDataset } from '#api/types.ts'
import { formatBytes } from '#format/bytes.ts'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { FileUpload } from './file-upload.tsx'
import { useUploadForm } from './use-upload-form.ts'

type UploadFormProps = { onUploaded: (dataset: UploadedDataset) => void }

/** Sends a file under a name; what is refused stands at its field. */
export function UploadForm({ onUploaded }: UploadFormProps) {
  const { form, file, choose, name, setName, refusals, sending, progress, submit } =
    useUploadForm(onUploaded)
  return (
    <form
      ref={form}
      noValidate
      onSubmit={submit}
      aria-label="Upload a dataset"
      className="flex max-w-[640px] flex-col gap-5 rounded-lg border border-line p-4"
    >
      <FieldFrame
        label="File"
        error={refusals.file}
        help="CSV with a header, or JSON lines, in UTF-8."
      >
        {(binding) => (
          <FileUpload
            binding={binding}
            file={file}
            accept=".csv,.jsonl,.ndjson,.json,.txt"
            onChoose={choose}
          />
        )}
      </FieldFrame>
      <FieldFrame
        label="Name"
        error={refusals.name}
        help="The same name again is its next version."
      >
        {(binding) => (
          <TextInput
            {...binding}
            name="name"
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </FieldFrame>
      {sending.isPending && <Progress progress={progress} />}
      {sending.error && !refusals.file && !refusals.name && <ProblemNotice error={sending.error} />}
      <Button type="submit" look="primary" busy={sending.isPending} className="self-start">
        {sending.isPending ? 'Uploading…' : 'Upload dataset'}
      </Button>
    </form>
  )
}

function Progress({ progress }: { progress: UploadProgress | null }) {
  const { sentBytes = 0, totalBytes } = progress ?? {}
  const sent = totalBytes !== undefined && sentBytes >= totalBytes
  return (
    <div className="flex flex-col gap-1.5">
      <progress
        aria-label="Upload"
        className="h-1.5 w-full"
        {...(totalBytes !== undefined && { max: totalBytes, value: sentBytes })}
      />
      <span className="text-xs text-quiet">
        {sent ? 'All sent; the server reads it.' : `${formatBytes(sentBytes)} sent`}
      </span>
    </div>
  )
}
