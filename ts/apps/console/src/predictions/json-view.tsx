import type { JsonValue } from '#api/types.ts'
import { formatCount } from '#format/number.ts'
import { wordsOf } from '#format/words.ts'
import { isJsonList, isJsonObject } from '#json.ts'

const SHOWN_ITEMS = 20

/** Any JSON value as a definition list, nested as deep as it goes. */
export function JsonView({ value }: { value: JsonValue }) {
  if (isJsonObject(value)) return <Members members={Object.entries(value)} />
  if (isJsonList(value)) return <Items items={value} />
  return <Scalar value={value} />
}

function Members({ members }: { members: readonly (readonly [string, JsonValue])[] }) {
  if (members.length === 0) return <span className="text-quiet">Nothing</span>
  return (
    <dl className="grid grid-cols-[fit-content(40%)_minmax(0,1fr)] gap-x-5 gap-y-2">
      {members.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-sm break-words text-quiet">{wordsOf(name)}</dt>
          <dd className="min-w-0">
            <JsonView value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Items({ items }: { items: readonly JsonValue[] }) {
  if (items.length === 0) return <span className="text-quiet">An empty list</span>
  const hidden = items.length - SHOWN_ITEMS
  return (
    <ol className="flex flex-col gap-1">
      {items.slice(0, SHOWN_ITEMS).map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of one answer never move
        <li key={index}>
          <JsonView value={item} />
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
