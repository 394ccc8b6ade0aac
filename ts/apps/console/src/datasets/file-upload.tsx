'use client'

import { type ChangeEvent, type DragEvent, useRef, useState } from 'react'
import { formatBytes } from '#format/bytes.ts'
import { classes } from '#ui/classes.ts'
import type { ControlBinding } from '#ui/field-frame.tsx'

type FileUploadProps = {
  binding: ControlBinding
  file: File | null
  /** The endings that the file dialog offers; what a file is, is told by its content. */
  accept: string
  onChoose: (file: File) => void
}

/** A file that is chosen by a dialog, by the keyboard or by dropping it here. */
export function FileUpload({ binding, file, accept, onChoose }: FileUploadProps) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const handleChange = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0]
    if (chosen) onChoose(chosen)
    // The same file can be chosen again after it was changed.
    event.target.value = ''
  }
  const handleDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const dropped = event.dataTransfer.files[0]
    if (dropped) onChoose(dropped)
    input.current?.focus()
  }
  const handleOver = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  return (
    <div
      className={classes(
        'relative flex min-h-20 flex-col justify-center rounded-md border border-dashed px-4 py-3',
        'focus-within:outline-2 focus-within:outline-accent hover:bg-rail',
        over ? 'border-accent bg-sunken' : 'border-edge',
        binding['aria-invalid'] && 'border-failed',
      )}
    >
      <input
        {...binding}
        ref={input}
        type="file"
        name="file"
        accept={accept}
        onChange={handleChange}
        onDragOver={handleOver}
        onDragLeave={() => setOver(false)}
        onDrop={handleDrop}
        className="absolute inset-0 cursor-pointer opacity-0"
      />
      <span aria-live="polite" className="min-w-0 break-words">
        {file ? `${file.name}, ${formatBytes(file.size)}` : 'Drop a file here, or choose one.'}
      </span>
    </div>
  )
}
