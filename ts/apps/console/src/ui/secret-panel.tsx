'use client'

import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from './button.tsx'
import { TextInput } from './control.tsx'
import { CopyButton } from './copy-button.tsx'
import { FieldFrame } from './field-frame.tsx'
import { AlertIcon } from './icons.tsx'

type SecretPanelProps = {
  title: string
  /** What to do with it, and that it is shown this once. */
  children: ReactNode
  label: string
  secret: string
  onDone: () => void
}

/** A text that is shown this once, with the button that copies it. */
export function SecretPanel({ title, children, label, secret, onDone }: SecretPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  // It takes the place of the form that had the focus.
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h2 ref={heading} tabIndex={-1} className="font-semibold break-words outline-none">
          {title}
        </h2>
        <p className="mt-1 flex max-w-[70ch] gap-1.5 text-sm">
          <span className="flex h-5 items-center text-warning">
            <AlertIcon />
          </span>
          <span>{children}</span>
        </p>
      </div>
      <FieldFrame label={label}>
        {(binding) => (
          <div className="flex items-center gap-1">
            <TextInput
              {...binding}
              readOnly
              spellCheck={false}
              className="min-w-0 font-mono text-sm"
              value={secret}
              onFocus={(event) => event.target.select()}
            />
            <CopyButton text={secret} label={`Copy ${label.toLowerCase()}`} />
          </div>
        )}
      </FieldFrame>
      <div>
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  )
}
