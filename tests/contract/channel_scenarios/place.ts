// Where the scenarios find the service, and what they have in common.
import { createClient, type JobEventsResponseEvent } from '../api/index.js'
import { createRealtime, type RealtimeOptions } from '../api/runtime/realtime.js'
import type { EventStream } from '../api/runtime/index.js'

export interface Place {
  readonly service: string
  /** The same service behind a proxy that cuts connections. */
  readonly proxy: string
  /** Of the scenario: jobs begin with it, and the service lists connections by it. */
  readonly name: string
}

/** Random waits would make the scenarios slow. */
export const clientOf = ({ service }: Pick<Place, 'service'>) =>
  createClient({ baseUrl: service, random: () => 0.001 })

export function realtimeOf(
  { service, name }: Place,
  options: Partial<RealtimeOptions> = {},
  query = '',
) {
  const url = `${service.replace('http', 'ws')}/realtime?label=${name}${query}`
  return createRealtime(clientOf({ service }), { url, token: () => 'member', ...options })
}

/** What a reader saw, in short: the offset of each event, `gap from>to reason`, and the end. */
export async function told(
  stream: EventStream<JobEventsResponseEvent>,
  onItem: (seen: readonly string[]) => Promise<unknown> = async () => {},
): Promise<readonly string[]> {
  const seen: string[] = []
  for await (const item of stream) {
    if (item.kind === 'gap') seen.push(`gap ${item.from}>${item.to} ${item.reason}`)
    else if (item.kind === 'end') seen.push(`end ${item.count} ${item.checksum}`)
    // The type tells which data it is, and the data was decoded.
    else if (item.value.type === 'started') seen.push(`1 ${item.value.data.startedAt.getUTCFullYear() > 2000}`)
    else seen.push(`${item.value.data.stepNumber}`)
    await onItem(seen)
  }
  return seen
}

/** A promise to be kept by somebody else. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}
