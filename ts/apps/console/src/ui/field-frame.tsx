import type { ReactNode } from 'react'
import { useId } from 'react'
import { AlertIcon } from './icons.tsx'

/** What a control needs so that its label, help and error are read with it. */
export type ControlBinding = {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean | undefined
}

type FieldFrameProps = {
  label: string
  help?: ReactNode
  /** A sentence with the next step, shown in place of nothing. */
  error?: string | undefined
  /** What stands at the end of the label's line, such as "Optional". */
  note?: ReactNode
  children: (binding: ControlBinding) => ReactNode
}

/** A control with its label above and its help and error below. */
export function FieldFrame({ label, help, error, note, children }: FieldFrameProps) {
  const id = useId()
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ')
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="min-w-0 font-medium break-words">
          {label}
        </label>
        {note && <span className="text-xs text-quiet">{note}</span>}
      </div>
      {children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {help && (
        <div id={`${id}-help`} className="text-xs text-quiet">
          {help}
        </div>
      )}
    </div>
  )
}

export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="flex gap-1.5 text-sm text-failed">
      <span className="flex h-5 items-center">
        <AlertIcon />
      </span>
      {children}
    </p>
  )
}
