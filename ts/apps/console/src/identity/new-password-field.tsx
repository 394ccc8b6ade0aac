import { FieldFrame } from '#ui/field-frame.tsx'
import { MINIMUM_PASSWORD_CHARACTERS } from './credentials.ts'
import { PasswordInput } from './password-input.tsx'

type NewPasswordFieldProps = {
  label: string
  value: string
  onChange: (password: string) => void
  error: string | undefined
}

export function NewPasswordField({ label, value, onChange, error }: NewPasswordFieldProps) {
  return (
    <FieldFrame
      label={label}
      error={error}
      help={`At least ${MINIMUM_PASSWORD_CHARACTERS} characters.`}
    >
      {(binding) => (
        <PasswordInput
          binding={binding}
          autoComplete="new-password"
          value={value}
          onChange={onChange}
        />
      )}
    </FieldFrame>
  )
}
