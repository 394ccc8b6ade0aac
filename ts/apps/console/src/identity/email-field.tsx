import type { ReactNode } from 'react'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'

type EmailFieldProps = {
  value: string
  onChange: (email: string) => void
  error: string | undefined
  help?: ReactNode
}

export function EmailField({ value, onChange, error, help }: EmailFieldProps) {
  return (
    <FieldFrame label="E-mail" error={error} help={help}>
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
