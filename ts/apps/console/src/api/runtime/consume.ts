import type { End, Gap } from './cursor.ts'
import type { StreamItem } from './event-stream.ts'

/** What to do with the items of a stream. */
export interface StreamHandlers<Event> {
  readonly onEvent: (value: Event, position: string) => void
  readonly onGap?: (gap: Gap) => void
}

/** Reads a stream by callbacks. Resolves with its end; rejects when the stream fails. */
export async function consume<Event>(
  stream: AsyncIterable<StreamItem<Event>>,
  { onEvent, onGap }: StreamHandlers<Event>,
): Promise<End | undefined> {
  for await (const item of stream) {
    if (item.kind === 'event') onEvent(item.value, item.position)
    else if (item.kind === 'gap') onGap?.(item)
    else return item
  }
  return undefined
}
