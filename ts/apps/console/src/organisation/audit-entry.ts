import type { AuditEntry, JsonValue, Member } from '#api/types.ts'
import { formatMoment } from '#format/time.ts'
import { capitalised, wordsOf } from '#format/words.ts'
import { isJsonObject } from '#json.ts'

const THINGS: Readonly<Record<string, string>> = {
  organisation_members: 'member',
  invitations: 'invitation',
  api_keys: 'API key',
  user_datasets: 'dataset',
  model_deployments: 'deployment',
}

const VERBS: Readonly<Record<string, string>> = {
  insert: 'added',
  update: 'changed',
  delete: 'removed',
}

// Changes of one column that have a name of their own.
const EVENTS: Readonly<Record<string, string>> = {
  'invitations.insert': 'Invitation made',
  'invitations.delete': 'Invitation withdrawn',
  'invitations.update accepted_at': 'Invitation accepted',
  'organisation_members.update role': 'Role changed',
  'api_keys.insert': 'API key made',
  'api_keys.update revoked_at': 'API key revoked',
}

/** What was told of one column: its name, and its value before and after in words. */
export type Change = {
  readonly name: string
  /** Null where there was nothing. */
  readonly before: string | null
  /** Null where nothing is left. */
  readonly after: string | null
}

/** What was done, such as "Role changed". */
export function eventOf({ action, detail, personId, subject }: AuditEntry): string {
  const [table = action, verb = ''] = action.split('.')
  const left = action === 'organisation_members.delete' && personId === subject
  if (left) return 'Member left'
  const columns = Object.keys(detail)
  const known = EVENTS[`${action} ${columns.join(' ')}`] ?? EVENTS[action]
  if (known) return known
  return capitalised(
    `${THINGS[table] ?? wordsOf(table).toLowerCase()} ${VERBS[verb] ?? verb}`.trim(),
  )
}

/** What was told of each column; one that was and is empty tells nothing. */
export function changesOf({ detail }: AuditEntry): readonly Change[] {
  return Object.entries(detail)
    .map(([name, told]) => {
      const { before, after } = isJsonObject(told) ? told : { before: null, after: told }
      return { name: wordsOf(name), before: inWords(before), after: inWords(after) }
    })
    .filter(({ before, after }) => before !== null || after !== null)
}

/** Who did it. */
export function actorOf({ personId }: AuditEntry, members: readonly Member[]): string {
  if (personId === null) return 'The server'
  return members.find(({ id }) => id === personId)?.email ?? 'A former member'
}

/**
 * What names each subject that the entries speak of, by its id.
 *
 * Later entries tell only what has changed, so a name is taken from whichever entry has it.
 */
export function subjectNames(
  entries: readonly AuditEntry[],
  members: readonly Member[],
): ReadonlyMap<string, string> {
  const told = entries.flatMap((entry) => {
    const name = newest(entry.detail.name) ?? newest(entry.detail.email)
    return name === null ? [] : [[entry.subject, name] as const]
  })
  // The newest entry comes first, and its name counts.
  return new Map([...told.reverse(), ...members.map(({ id, email }) => [id, email] as const)])
}

function newest(told: JsonValue): string | null {
  if (!isJsonObject(told)) return null
  return inWords(told.after ?? told.before)
}

function inWords(value: JsonValue): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map((one) => inWords(one) ?? '').join(', ')
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^\d{4}-\d{2}-\d{2}T\d{2}:/.test(value) ? momentOf(value) : value
}

function momentOf(text: string): string {
  const instant = new Date(text)
  return Number.isNaN(instant.getTime()) ? text : formatMoment(instant)
}
