'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { renameOrganisationMutation } from '#api/queries.ts'
import { useSignedIn } from '#identity/session.tsx'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { Button } from '#ui/button.tsx'
import { TextInput } from '#ui/control.tsx'
import { FieldFrame } from '#ui/field-frame.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { Panel } from './panel.tsx'

/** Gives the organisation another name. */
export function NamePanel({ onClose }: { onClose: () => void }) {
  const { organisation } = useSignedIn()
  const rename = useOwnMutation(renameOrganisationMutation(useApi()))
  const [name, setName] = useState(organisation.name)
  const [refusal, setRefusal] = useState<string | undefined>()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const reasons = rename.isError ? reasonsOf(rename.error) : []
  const refused = refusal ?? reasons.find(({ pointer }) => pointer === '/name')?.message
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    const missing = name.trim() === '' ? 'Write a name.' : undefined
    setRefusal(missing)
    if (missing !== undefined) field.current?.focus()
    else if (!rename.isPending) rename.mutate({ name: name.trim() }, { onSuccess: onClose })
  }
  return (
    <Panel label="Rename the organisation" onEscape={onClose}>
      <form noValidate onSubmit={handleSubmit} className="flex flex-col gap-5">
        <FieldFrame label="Name of the organisation" error={refused}>
          {(binding) => (
            <TextInput
              {...binding}
              ref={field}
              name="organisation"
              autoComplete="organization"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldFrame>
        {rename.isError && refused === undefined && <ProblemNotice error={rename.error} />}
        <div className="flex gap-2">
          <Button type="submit" look="primary" busy={rename.isPending}>
            {rename.isPending ? 'Renaming…' : 'Rename'}
          </Button>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Panel>
  )
}
