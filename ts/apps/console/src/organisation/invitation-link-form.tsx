'use client'

import { type FormEvent, useRef, useState } from 'react'
import { tokenOf } from '#identity/invitation-link.ts'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'

/** Opens the page of an invitation whose link came by another way than a press. */
export function InvitationLinkForm() {
  const [link, setLink] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  const field = useRef<HTMLInputElement>(null)
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const token = tokenOf(link.slice(link.indexOf('#')))
    if (token !== null && link.includes('#')) {
      window.location.assign(`/invitation/#token=${encodeURIComponent(token)}`)
      return
    }
    setRefusal('Paste the whole link of the invitation, up to its last character.')
    field.current?.focus()
  }
  return (
    <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-4">
      <FieldFrame label="Link of an invitation" error={refusal} help="It stands in the letter.">
        {(binding) => (
          <TextInput
            {...binding}
            ref={field}
            name="invitation"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={link}
            onChange={(event) => setLink(event.target.value)}
          />
        )}
      </FieldFrame>
      <Button type="submit" className="justify-center">
        Open the invitation
      </Button>
    </form>
  )
}
