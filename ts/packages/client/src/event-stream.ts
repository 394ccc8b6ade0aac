import { sleep, within } from './abort.ts'
import { checked, contextOf, outputOf, parseJson, read } from './answer.ts'
import { backoff, isTransient } from './backoff.ts'
import type { Client } from './client.ts'
import { createCursor, type End, type Frame, type Gap } from './cursor.ts'
import type { Decode } from './decoded.ts'
import {
  AbortedError,
  asClientError,
  type ErrorContext,
  NetworkError,
  TimeoutError,
} from './errors.ts'
import type { StreamOperation } from './operation.ts'
import { outgoing } from './outgoing.ts'
import { createEventParser } from './server-sent-events.ts'

export interface StreamOptions {
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal
  /** The position after which to begin. @default the beginning */
  readonly from?: string
  /** A connection that is silent for so long is taken for dead. @default 30 */
  readonly heartbeatSeconds?: number
  /** For how long to try to reconnect before the failure is reported. @default 300 */
  readonly giveUpSeconds?: number
}

/** One event, the notice that events are missing, or the end with its count and checksum. */
export type StreamItem<Event> =
  | { readonly kind: 'event'; readonly position: string; readonly value: Event }
  | Gap
  | End

/** What a reader is given for a frame; throws `UndecodableError` for an event that is refused. */
export const itemOf = <Event>(
  decode: Decode<Event>,
  frame: Frame,
  context: ErrorContext,
): StreamItem<Event> =>
  frame.kind === 'event'
    ? { kind: 'event', position: frame.position, value: checked(decode(frame), context) }
    : frame

/** Items in order, each exactly once. Ends when the stream does; leaving the loop closes it. */
export type EventStream<Event> = AsyncGenerator<StreamItem<Event>, void, undefined>

/**
 * Reads a stream of events, and resumes it after every cut.
 *
 * @example
 * ```ts
 * for await (const item of openStream(client, watchJobOperation, { id }, { signal })) {
 *   if (item.kind === 'event') show(item.value)
 * }
 * ```
 */
export async function* openStream<Input, Event>(
  client: Client,
  operation: StreamOperation<Input, Event>,
  input: Input,
  { signal: caller, from, heartbeatSeconds = 30, giveUpSeconds = 300 }: StreamOptions = {},
): EventStream<Event> {
  const { settings, closing, send } = client
  const { clock, random } = settings
  const request = outgoing(client, operation, input, {})
  const { facts, init } = request
  const cursor = createCursor(from)
  let failures = 0
  let delay = 0
  let heard = clock.now()

  /** Reads one connection until its end; a cut is thrown. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one state machine, whose every byte a page pays for
  async function* connect(signal: AbortSignal): EventStream<Event> {
    const timely = <Value>(run: () => Promise<Value>): Promise<Value> =>
      within(clock, heartbeatSeconds * 1000, signal, () => new TimeoutError(facts), run)
    facts.attempts++
    if (cursor.position()) init.headers.set('last-event-id', cursor.position())
    const response = await timely(() => send(request, signal))
    const context = contextOf(facts, response, clock)
    const { headers, body } = response
    if (!response.ok || !body || !headers.get('content-type')?.startsWith('text/event-stream')) {
      return outputOf(
        { ...operation, outputs: {} },
        await timely(() => read(operation, response)),
        context,
      )
    }
    const parse = createEventParser()
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await timely(() => reader.read())
      if (done) throw new NetworkError(facts)
      heard = clock.now()
      failures = 0
      for (const { type, id, data } of parse(value)) {
        const wire = { position: id, ...Object(checked(parseJson(data), context)) }
        for (const frame of checked(cursor.take(type || 'event', wire), context)) {
          signal.throwIfAborted()
          yield itemOf(operation.decode, frame, context)
          if (frame.kind === 'end') return
        }
      }
    }
  }

  for (;;) {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, closing.signal, caller ?? stop.signal])
    try {
      await sleep(clock, delay, signal)
      return yield* connect(signal)
    } catch (cause) {
      if (signal.aborted) throw new AbortedError({ ...facts, cause })
      const error = asClientError(facts, cause)
      const late = clock.now() - heard >= giveUpSeconds * 1000
      if (late || !isTransient(error)) throw error
      delay = backoff(failures++, true, error.retryAfterSeconds, random)
    } finally {
      stop.abort()
    }
  }
}
