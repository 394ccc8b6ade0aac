'use client'

import type { ReactNode } from 'react'
import { useId } from 'react'
import type { JsonValue } from '#api/types.ts'
import { formatCount } from '#format/number.ts'
import { formatZone } from '#format/time.ts'
import { capitalised, wordsOf } from '#format/words.ts'
import { classes } from '#ui/classes.ts'
import { Select, TextArea, TextInput } from '#ui/control.tsx'
import { type ControlBinding, FieldError, FieldFrame } from '#ui/field-frame.tsx'
import type { ChoiceField, Field, GroupField, TextField } from './field.ts'
import { isOptional } from './field.ts'
import { charactersIn, rangeOf } from './read-draft.ts'
import type { FieldsProps } from './schema-form.tsx'

type LeafField = Exclude<Field, GroupField>

type ControlProps = FieldsProps & { field: LeafField }

type BoundProps<Kind extends LeafField = LeafField> = {
  field: Kind
  binding: ControlBinding
  typed: string
  onType: (typed: string) => void
}

/** One control of the form with its label, help and error. */
export function Control({ field, draft, refusals, onType }: ControlProps) {
  const typed = draft[field.pointer] ?? ''
  const error = refusals[field.pointer]
  const handleType = (value: string) => onType(field.pointer, value)
  if (field.kind === 'boolean' && !isOptional(field)) {
    return <Checkbox field={field} typed={typed} error={error} onType={handleType} />
  }
  return (
    <FieldFrame
      label={field.label}
      note={isOptional(field) ? 'Optional' : undefined}
      error={error}
      help={<Help field={field} typed={typed} />}
    >
      {(binding) => <Bound field={field} binding={binding} typed={typed} onType={handleType} />}
    </FieldFrame>
  )
}

function Bound({ field, ...rest }: BoundProps): ReactNode {
  switch (field.kind) {
    case 'text':
      return <TextControl field={field} {...rest} />
    case 'choice':
      return <Choice field={field} {...rest} />
    case 'boolean':
      return <OptionalBoolean field={field} {...rest} />
    case 'json':
      return <JsonControl field={field} {...rest} />
    case 'moment':
      return <SingleLine field={field} {...rest} type="datetime-local" />
    case 'number':
      return <SingleLine field={field} {...rest} inputMode="decimal" />
    case 'uuid':
      return <SingleLine field={field} {...rest} className="font-mono text-sm" />
  }
}

type SingleLineProps = BoundProps & {
  type?: 'datetime-local'
  inputMode?: 'decimal'
  className?: string
}

function SingleLine({ field, binding, typed, onType, ...rest }: SingleLineProps) {
  return (
    <TextInput
      {...binding}
      {...rest}
      name={field.pointer}
      {...(field.kind === 'moment' ? { step: 1 } : { autoComplete: 'off', spellCheck: false })}
      value={typed}
      onChange={(event) => onType(event.target.value)}
    />
  )
}

function TextControl({ field, binding, typed, onType }: BoundProps<TextField>) {
  const Element = field.multiline ? TextArea : TextInput
  return (
    <Element
      {...binding}
      name={field.pointer}
      autoComplete="off"
      value={typed}
      onChange={(event) => onType(event.target.value)}
    />
  )
}

function JsonControl({ field, binding, typed, onType }: BoundProps) {
  return (
    <TextArea
      {...binding}
      name={field.pointer}
      spellCheck={false}
      className="font-mono text-sm"
      value={typed}
      onChange={(event) => onType(event.target.value)}
    />
  )
}

function Choice({ field, binding, typed, onType }: BoundProps<ChoiceField>) {
  return (
    <Select
      {...binding}
      name={field.pointer}
      value={typed}
      onChange={(event) => onType(event.target.value)}
    >
      <option value="">{isOptional(field) ? 'Not given' : 'Choose one'}</option>
      {field.options
        .filter((option) => option !== null)
        .map((option) => (
          <option key={JSON.stringify(option)} value={JSON.stringify(option)}>
            {optionWords(option)}
          </option>
        ))}
    </Select>
  )
}

function optionWords(option: JsonValue): string {
  return typeof option === 'string' ? wordsOf(option) : JSON.stringify(option)
}

function OptionalBoolean({ field, binding, typed, onType }: BoundProps) {
  return (
    <Select
      {...binding}
      name={field.pointer}
      value={typed}
      onChange={(event) => onType(event.target.value)}
    >
      <option value="">Not given</option>
      <option value="true">Yes</option>
      <option value="false">No</option>
    </Select>
  )
}

type CheckboxProps = {
  field: LeafField
  typed: string
  error: string | undefined
  onType: (typed: string) => void
}

function Checkbox({ field, typed, error, onType }: CheckboxProps) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1.5">
      <label className="flex items-center gap-2 font-medium">
        <input
          type="checkbox"
          className="size-4"
          name={field.pointer}
          aria-describedby={id}
          aria-invalid={error === undefined ? undefined : true}
          checked={typed === 'true'}
          onChange={(event) => onType(String(event.target.checked))}
        />
        {field.label}
      </label>
      <div id={id} className="text-xs text-quiet">
        {error && <FieldError>{error}</FieldError>}
        {field.description}
      </div>
    </div>
  )
}

function Help({ field, typed }: { field: LeafField; typed: string }) {
  const hint = hintOf(field, typed)
  const counted = field.kind === 'text' && field.multiline && field.maximumLength !== null
  if (hint === '' && field.description === null && !counted) return null
  return (
    <div className="flex justify-between gap-3">
      <span>{[field.description, hint].filter((part) => part).join(' ')}</span>
      {counted && <Count length={charactersIn(typed)} maximum={field.maximumLength ?? 0} />}
    </div>
  )
}

function Count({ length, maximum }: { length: number; maximum: number }) {
  const over = length > maximum
  return (
    <span className={classes('shrink-0 tabular-nums', over && 'text-failed')}>
      {formatCount(length)} of {formatCount(maximum)} characters{over && ', too many'}
    </span>
  )
}

function hintOf(field: LeafField, typed: string): string {
  if (field.kind === 'number') {
    const range = rangeOf(field)
    const noun = field.integer ? 'a whole number' : 'a number'
    return range === '' ? '' : `${capitalised(`${noun} ${range}`)}.`
  }
  if (field.kind === 'moment') {
    const instant = new Date(typed)
    const zone = formatZone(Number.isNaN(instant.getTime()) ? new Date() : instant)
    return `In your time zone: ${zone}.`
  }
  if (field.kind === 'json') return 'Written as JSON.'
  return ''
}
