'use client'

import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import type { ControlBinding } from '#ui/field-frame.tsx'
import { EyeIcon } from '#ui/icons.tsx'

type PasswordInputProps = {
  binding: ControlBinding
  value: string
  onChange: (password: string) => void
  autoComplete: 'current-password' | 'new-password'
}

/** A password that can be looked at while it is typed. */
export function PasswordInput({ binding, value, onChange, autoComplete }: PasswordInputProps) {
  const [shown, setShown] = useState(false)
  const words = shown ? 'Hide password' : 'Show password'
  return (
    <div className="relative">
      <TextInput
        {...binding}
        name="password"
        type={shown ? 'text' : 'password'}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        className="pr-10"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <Button
        look="quiet"
        size="square"
        className="absolute top-0.5 right-0.5"
        aria-label={words}
        title={words}
        onClick={() => setShown(!shown)}
      >
        <EyeIcon crossed={shown} />
      </Button>
    </div>
  )
}
