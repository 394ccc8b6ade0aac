'use client'

import { AlertDialog } from 'radix-ui'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Failure } from '#service/failure.ts'
import { Button } from './button.tsx'
import { TextInput } from './control.tsx'
import { FieldFrame } from './field-frame.tsx'
import { ProblemNotice } from './problem-notice.tsx'

export type ConfirmDialogProps = {
  title: string
  /** What will happen. */
  children: ReactNode
  /** What has to be typed: the name of the thing. */
  name: string
  verb: string
  busy: boolean
  error: Failure | null
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot be undone; the thing's name has to be typed. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, error, onClose } = props
  return (
    <AlertDialog.Root open onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <AlertDialog.Content className="fixed top-[12vh] left-1/2 z-50 flex max-h-[80dvh] w-[calc(100%-32px)] max-w-[440px] -translate-x-1/2 flex-col gap-4 overflow-y-auto rounded-lg border border-line bg-panel p-5 shadow-menu outline-none">
          {/* While it is open, everything else is hidden: its title is the page's. */}
          <AlertDialog.Title asChild>
            <h1 className="text-lg font-semibold break-words">{title}</h1>
          </AlertDialog.Title>
          <AlertDialog.Description className="text-quiet">{children}</AlertDialog.Description>
          <ConfirmForm {...props} />
          {error && <ProblemNotice error={error} />}
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

function ConfirmForm({ name, verb, busy, onConfirm }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() !== name.trim()) return setRefusal('This is not the same. Write it as above.')
    if (!busy) onConfirm()
  }
  return (
    <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
      <FieldFrame label={`Write “${name}” to go on`} error={refusal}>
        {(binding) => (
          <TextInput
            {...binding}
            name="confirmation"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setRefusal(undefined)
            }}
          />
        )}
      </FieldFrame>
      <div className="flex flex-wrap justify-end gap-2">
        <AlertDialog.Cancel asChild>
          <Button>Cancel</Button>
        </AlertDialog.Cancel>
        <Button type="submit" look="danger" busy={busy}>
          {verb}
        </Button>
      </div>
    </form>
  )
}
