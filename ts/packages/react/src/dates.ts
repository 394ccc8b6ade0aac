/** Dates on their way from a server's cache through JSON, which Pages Router props are. */

const mark = '$date'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]))
}

/** Spells each date as an object that JSON can carry. */
export function spellDates(value: unknown): unknown {
  if (value instanceof Date) return { [mark]: value.toISOString() }
  // Data that looks like a spelled date is wrapped once more, so that it comes back as it was.
  if (isRecord(value) && mark in value) return { [mark]: mapped(value, spellDates) }
  return mapped(value, spellDates)
}

/** Undoes {@link spellDates}. */
export function readDates(value: unknown): unknown {
  if (!isRecord(value) || !(mark in value)) return mapped(value, readDates)
  const spelled = value[mark]
  return typeof spelled === 'string' ? new Date(spelled) : mapped(spelled, readDates)
}
