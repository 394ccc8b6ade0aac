'use client'

import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'

type KeyRateFieldProps = {
  text: string
  error: string | undefined
  onChange: (text: string) => void
}

/** How often a key may call, where that is less than the service allows. */
export function KeyRateField({ text, error, onChange }: KeyRateFieldProps) {
  return (
    <FieldFrame
      label="Requests per minute"
      error={error}
      help="Leave it empty for as many as the service allows."
    >
      {(binding) => (
        <TextInput
          {...binding}
          name="requestsPerMinute"
          inputMode="numeric"
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldFrame>
  )
}
