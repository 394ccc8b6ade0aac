/** Server-sent events without positions, read as the `EventSource` of the HTML standard does. */
import { sleep, within } from './abort.ts'
import { checked, contextOf, outputOf, parseJson, read } from './answer.ts'
import { backoff, isTransient } from './backoff.ts'
import type { Client } from './client.ts'
import {
  AbortedError,
  asClientError,
  type ClientError,
  NetworkError,
  TimeoutError,
} from './errors.ts'
import type { StreamOperation } from './operation.ts'
import { outgoing } from './outgoing.ts'
import { createEventParser, type ServerSentEvent } from './server-sent-events.ts'

export interface PlainStreamOptions {
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal
  /** The id of the event after which to begin. @default the beginning */
  readonly from?: string
  /** A connection that is silent for so long is taken for dead. @default 300 */
  readonly silenceSeconds?: number
  /** For how long to try to resume before the failure is reported. @default 300 */
  readonly giveUpSeconds?: number
}

/**
 * Reads the events of a stream. Leaving the loop closes it. A GET whose events have ids is resumed
 * after a cut with `Last-Event-ID`, no sooner than the `retry:` of the service; one that sends
 * `retry:` is also asked again after its end, until it answers 204. Without ids the service could not
 * know what was missed, so a cut is thrown.
 *
 * @example
 * ```ts
 * for await (const token of openPlainStream(client, generateOperation, { prompt })) show(token)
 * ```
 */
export async function* openPlainStream<Input, Event>(
  client: Client,
  operation: StreamOperation<Input, Event>,
  input: Input,
  { signal: caller, from = '', silenceSeconds = 300, giveUpSeconds = 300 }: PlainStreamOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const { settings, closing, send } = client
  const { clock, random } = settings
  const request = outgoing(client, operation, input, {})
  const { facts, init } = request
  let lastId = from
  let retrySeconds: number | undefined
  let failures = 0
  let delay = 0
  let heard = clock.now()

  const canResume = () => operation.method === 'GET' && lastId !== ''

  function note(field: string, value: string): void {
    if (field === 'retry' && /^\d+$/.test(value)) retrySeconds = Number(value) / 1000
  }

  /** Reads one connection. Returns whether there may be more. */
  async function* connect(signal: AbortSignal): AsyncGenerator<Event, boolean, undefined> {
    const timely: Timely = (run) =>
      within(clock, silenceSeconds * 1000, signal, () => new TimeoutError(facts), run)
    facts.attempts++
    if (lastId) init.headers.set('last-event-id', lastId)
    const response = await timely(() => send(request, signal))
    const context = contextOf(facts, response, clock)
    if (response.status === 204 && canResume()) return false
    if (!response.body || !isEventStream(response)) {
      const text = await timely(() => read(operation, response))
      return outputOf({ ...operation, outputs: {} }, text, context)
    }
    for await (const event of eventsOf(response.body, timely)) {
      signal.throwIfAborted()
      const item = checked(operation.decode(given(event)), context)
      lastId = event.id
      yield item
    }
    return retrySeconds !== undefined && canResume()
  }

  async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>, timely: Timely) {
    const parse = createEventParser(note)
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await timely(() => reader.read())
      if (done) return
      heard = clock.now()
      failures = 0
      yield* parse(value)
    }
  }

  const isFinal = (error: ClientError) =>
    clock.now() - heard >= giveUpSeconds * 1000 || !canResume() || !isTransient(error)

  for (;;) {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, closing.signal, caller ?? stop.signal])
    try {
      await sleep(clock, delay, signal)
      if (!(yield* connect(signal))) return
      throw new NetworkError(facts)
    } catch (cause) {
      if (signal.aborted) throw new AbortedError({ ...facts, cause })
      const error = asClientError(facts, cause)
      if (isFinal(error)) throw error
      delay = backoff(failures++, true, error.retryAfterSeconds ?? retrySeconds, random)
    } finally {
      stop.abort()
    }
  }
}

type Timely = <Value>(run: () => Promise<Value>) => Promise<Value>

const isEventStream = ({ ok, headers }: Response): boolean =>
  ok && headers.get('content-type')?.startsWith('text/event-stream') === true

/** What the decoder is given. Events need not be JSON; what is not is the text that it is. */
function given({ type, data }: ServerSentEvent): { type: string; data: unknown } {
  const json = parseJson(data)
  return { type: type || 'message', data: json.ok ? json.value : data }
}
