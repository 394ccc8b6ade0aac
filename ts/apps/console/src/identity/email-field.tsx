import type { ReactNode } from 'react'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'

type EmailFieldProps = {
  /** @default 'E-mail' */
  label?: string
  value: string
  onChange: (email: string) => void
  error: string | undefined
  help?: ReactNode
}

export function EmailField({ label = 'E-mail', value, onChange, error, help }: EmailFieldProps) {
  return (
    <FieldFrame label={label} error={error} help={help}>
      {(binding) => (
        <TextInput
          {...binding}
          name="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldFrame>
  )
}
