import type { JsonValue } from '#api/types.ts'
import { isJsonObject } from '#json.ts'
import { JsonView } from './json-view.tsx'

const conjunction = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** An input with what was given first; what was left out is named in one line. */
export function InputView({ input }: { input: JsonValue }) {
  if (!isJsonObject(input)) return <JsonView value={input} />
  const members = Object.entries(input)
  const given = members.filter(([, value]) => value !== null)
  const absent = members.flatMap(([name, value]) =>
    value === null ? [name.replaceAll('_', ' ')] : [],
  )
  return (
    <>
      <JsonView value={Object.fromEntries(given)} />
      {absent.length > 0 && (
        <p className="text-xs text-quiet">Not given: {conjunction.format(absent)}.</p>
      )}
    </>
  )
}
