'use client'

import { useEffect, useId, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { classes } from '#ui/classes.ts'
import { ChevronRightIcon } from '#ui/icons.tsx'
import { Control } from './control.tsx'
import { type Draft, type Field, type GroupField, isOptional, withInner } from './field.ts'
import type { Refusals } from './read-draft.ts'

export type FieldsProps = {
  draft: Draft
  refusals: Refusals
  onType: (pointer: string, typed: string) => void
}

/** The controls of a form made from a JSON schema; optional ones wait behind "More fields". */
export function SchemaFields({ form, ...rest }: FieldsProps & { form: Field }) {
  if (form.kind !== 'group') return <Control field={form} {...rest} />
  const needed = form.fields.filter((field) => !isOptional(field))
  const optional = form.fields.filter(isOptional)
  // A form that asks for nothing would open empty; then its optional fields are the form.
  if (needed.length === 0) return <FieldList fields={optional} {...rest} />
  return (
    <>
      <FieldList fields={needed} {...rest} />
      {optional.length > 0 && <MoreFields fields={optional} {...rest} />}
    </>
  )
}

function FieldList({ fields, ...rest }: FieldsProps & { fields: readonly Field[] }) {
  return (
    <div className="flex flex-col gap-5">
      {fields.map((field) =>
        field.kind === 'group' ? (
          <Group key={field.pointer} group={field} {...rest} />
        ) : (
          <Control key={field.pointer} field={field} {...rest} />
        ),
      )}
    </div>
  )
}

function Group({ group, ...rest }: FieldsProps & { group: GroupField }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-medium">{group.label}</legend>
      <div className="border-l-2 border-line pl-4">
        {group.description && <p className="mb-3 text-xs text-quiet">{group.description}</p>}
        <FieldList fields={group.fields} {...rest} />
      </div>
    </fieldset>
  )
}

function MoreFields({ fields, ...rest }: FieldsProps & { fields: readonly Field[] }) {
  const [open, setOpen] = useState(false)
  const region = useId()
  const inner = fields.flatMap(withInner)
  const filled = inner.filter(({ pointer }) => (rest.draft[pointer] ?? '') !== '').length
  const refused = inner.some(({ pointer }) => rest.refusals[pointer] !== undefined)
  // A refused value must be seen to be mended.
  useEffect(() => {
    if (refused) setOpen(true)
  }, [refused])
  return (
    <div>
      <Button
        look="quiet"
        size="small"
        className="-ml-2.5"
        aria-expanded={open}
        aria-controls={region}
        onClick={() => setOpen(!open)}
      >
        <span className={classes('', open && 'rotate-90')}>
          <ChevronRightIcon />
        </span>
        More fields
        <span className="font-normal text-quiet">
          {filled === 0 ? `${inner.length} optional` : `${filled} of ${inner.length} filled`}
        </span>
      </Button>
      <div id={region} hidden={!open} className="pt-3">
        <FieldList fields={fields} {...rest} />
      </div>
    </div>
  )
}
