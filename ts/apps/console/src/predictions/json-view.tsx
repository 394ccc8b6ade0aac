import type { JsonValue } from '#api/types.ts'
import { formatCount } from '#format/number.ts'
import { isJsonList, isJsonObject, type JsonObject } from '#json.ts'
import { memberPointer } from '#schema-form/field.ts'
import type { LabelOf } from '#schema-form/labels.ts'

const SHOWN_ITEMS = 20

type JsonViewProps = {
  value: JsonValue
  labelOf: LabelOf
  /**
   * Where the value stands in the whole.
   * @default ''
   */
  pointer?: string
}

type Place<Value> = { value: Value; labelOf: LabelOf; pointer: string }

/** Any JSON value as a definition list, nested as deep as it goes. */
export function JsonView({ value, labelOf, pointer = '' }: JsonViewProps) {
  if (isJsonObject(value)) return <Members value={value} labelOf={labelOf} pointer={pointer} />
  if (isJsonList(value)) return <Items value={value} labelOf={labelOf} pointer={pointer} />
  return <Scalar value={value} />
}

function Members({ value, labelOf, pointer }: Place<JsonObject>) {
  const members = Object.entries(value).map(
    ([name, member]) => [memberPointer(pointer, name), member] as const,
  )
  if (members.length === 0) return <span className="text-quiet">Nothing</span>
  return (
    <dl className="grid grid-cols-[fit-content(40%)_minmax(0,1fr)] gap-x-5 gap-y-2">
      {members.map(([place, member]) => (
        <div key={place} className="contents">
          <dt className="text-sm break-words text-quiet">{labelOf(place)}</dt>
          <dd className="min-w-0">
            <JsonView value={member} labelOf={labelOf} pointer={place} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Items({ value: items, labelOf, pointer }: Place<readonly JsonValue[]>) {
  if (items.length === 0) return <span className="text-quiet">An empty list</span>
  const hidden = items.length - SHOWN_ITEMS
  return (
    <ol className="flex flex-col gap-1">
      {items.slice(0, SHOWN_ITEMS).map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of one answer never move
        <li key={index}>
          <JsonView value={item} labelOf={labelOf} pointer={`${pointer}/${index}`} />
        </li>
      ))}
      {hidden > 0 && <li className="text-quiet">and {formatCount(hidden)} more</li>}
    </ol>
  )
}

function Scalar({ value }: { value: JsonValue }) {
  if (value === null) return <span className="text-quiet">Not given</span>
  if (typeof value === 'string') return <span className="break-words">{value}</span>
  return <span className="font-mono text-sm tabular-nums">{String(value)}</span>
}
