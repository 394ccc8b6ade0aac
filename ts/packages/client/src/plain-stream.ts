/** Server-sent events without positions: each connection is read once and not resumed. */
import { within } from './abort.ts'
import { checked, contextOf, outputOf, parseJson, read } from './answer.ts'
import type { Client } from './client.ts'
import { AbortedError, ClientError, NetworkError, TimeoutError } from './errors.ts'
import type { StreamOperation } from './operation.ts'
import { outgoing } from './outgoing.ts'
import { createEventParser, type ServerSentEvent } from './server-sent-events.ts'

export interface PlainStreamOptions {
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal
  /** A connection that is silent for so long is taken for dead. @default 300 */
  readonly silenceSeconds?: number
}

/**
 * Reads the events of one answer. Leaving the loop closes it. Nothing is repeated after a cut: the
 * service cannot say what was missed, so the error is thrown.
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
  { signal: caller, silenceSeconds = 300 }: PlainStreamOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const { settings, closing, send } = client
  const request = outgoing(client, operation, input, {})
  const { facts } = request
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, closing.signal, caller ?? stop.signal])
  const timely = <Value>(run: () => Promise<Value>): Promise<Value> =>
    within(settings.clock, silenceSeconds * 1000, signal, () => new TimeoutError(facts), run)
  try {
    facts.attempts++
    const response = await timely(() => send(request, signal))
    const context = contextOf(facts, response, settings.clock)
    if (!response.body || !isEventStream(response)) {
      const text = await timely(() => read(operation, response))
      return outputOf({ ...operation, outputs: {} }, text, context)
    }
    const parse = createEventParser()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await timely(() => reader.read())
      if (done) return
      for (const event of parse(value)) yield checked(operation.decode(given(event)), context)
    }
  } catch (cause) {
    const Kind = signal.aborted ? AbortedError : NetworkError
    throw ClientError.isInstance(cause) ? cause : new Kind({ ...facts, cause })
  } finally {
    stop.abort()
  }
}

const isEventStream = ({ ok, headers }: Response): boolean =>
  ok && headers.get('content-type')?.startsWith('text/event-stream') === true

/** What the decoder is given. Events need not be JSON; what is not is the text that it is. */
function given({ type, data }: ServerSentEvent): { type: string; data: unknown } {
  const json = parseJson(data)
  return { type: type || 'message', data: json.ok ? json.value : data }
}
