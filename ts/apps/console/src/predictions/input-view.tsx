import type { JsonValue } from '#api/types.ts'
import { isJsonObject } from '#json.ts'
import { memberPointer } from '#schema-form/field.ts'
import type { LabelOf } from '#schema-form/labels.ts'
import { JsonView } from './json-view.tsx'

const conjunction = new Intl.ListFormat('en-GB', { type: 'conjunction' })

type InputViewProps = { input: JsonValue; labelOf: LabelOf }

/** An input with what was given first; what was left out is named in one line. */
export function InputView({ input, labelOf }: InputViewProps) {
  if (!isJsonObject(input)) return <JsonView value={input} labelOf={labelOf} />
  const members = Object.entries(input)
  const given = members.filter(([, value]) => value !== null)
  const absent = members.flatMap(([name, value]) =>
    value === null ? [labelOf(memberPointer('', name))] : [],
  )
  return (
    <>
      <JsonView value={Object.fromEntries(given)} labelOf={labelOf} />
      {absent.length > 0 && (
        <p className="text-xs text-quiet">Not given: {conjunction.format(absent)}.</p>
      )}
    </>
  )
}
