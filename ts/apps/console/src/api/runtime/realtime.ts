/** Many streams over one WebSocket, with the same frames as server-sent events. */
import { checked } from './answer.ts'
import type { Client } from './client.ts'
import { type Cursor, createCursor, type Frame } from './cursor.ts'
import type { Decode, Decoded } from './decoded.ts'
import {
  AbortedError,
  asClientError,
  type ClientError,
  type ErrorContext,
  InvalidRequestError,
  NetworkError,
  ProblemError,
} from './errors.ts'
import { type EventStream, itemOf } from './event-stream.ts'
import { createRealtimeSocket, type Subscriber } from './realtime-socket.ts'

/** One kind of stream that can be subscribed to. */
export interface Channel<Input, Event> {
  readonly id: string
  /** The name of the stream, or why the input is refused. */
  readonly stream: (input: Input) => Decoded<string>
  /** Decodes one event. It is given `{ type, data }`. */
  readonly decode: Decode<Event>
}

export interface RealtimeOptions {
  /** Where the socket is: `wss://api.example.com/v1/realtime`. */
  readonly url: string
  /** Gives the bearer token; `refresh` after the last has expired. @default none */
  readonly token?: (wish: {
    readonly refresh: boolean
  }) => Promise<string | undefined> | string | undefined
  /** A connection that is silent for so long is taken for dead. @default 30 */
  readonly heartbeatSeconds?: number
  /** For how long to try to reconnect before the failure is reported. @default 300 */
  readonly giveUpSeconds?: number
}

export interface SubscribeOptions {
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal
  /** The position after which to begin. @default the beginning */
  readonly from?: string
}

export interface Realtime {
  /** Items in order, each exactly once, across reconnections. Leaving the loop unsubscribes. */
  subscribe<Input, Event>(
    channel: Channel<Input, Event>,
    input: Input,
    options?: SubscribeOptions,
  ): EventStream<Event>
  /** Sends a new token over the open socket, before the old one expires. */
  authenticate(): Promise<void>
}

// What a reader has not taken yet; beyond it, frames are left out and asked for again.
const mostFrames = 1000

/**
 * Makes the realtime connection of a client. It is open while there are subscriptions, and closed
 * with the client.
 *
 * @example
 * ```ts
 * const realtime = createRealtime(client, { url: 'wss://api.example.com/v1/realtime' })
 * for await (const item of realtime.subscribe(jobChannel, { id }, { signal })) ...
 * ```
 */
export function createRealtime(client: Client, options: RealtimeOptions): Realtime {
  const socket = createRealtimeSocket(client, options)

  async function* subscribe<Input, Event>(
    channel: Channel<Input, Event>,
    input: Input,
    { signal, from }: SubscribeOptions = {},
  ): EventStream<Event> {
    const facts = { operation: channel.id, requestId: client.settings.createKey(), attempts: 1 }
    const named = channel.stream(input)
    if (!named.ok) throw new InvalidRequestError({ ...facts, issues: named.issues })
    const cursor = createCursor(from)
    const inbox = createInbox(cursor, facts)
    const subscriber: Subscriber = {
      stream: named.value,
      position: cursor.position,
      receive: inbox.receive,
      closed: (cause) =>
        client.closing.signal.aborted
          ? inbox.abort(new AbortedError(facts))
          : inbox.fail(new NetworkError({ ...facts, cause })),
    }
    const abort = () => inbox.abort(new AbortedError({ ...facts, cause: signal?.reason }))
    if (signal?.aborted || client.closing.signal.aborted) throw new AbortedError(facts)
    signal?.addEventListener('abort', abort)
    try {
      socket.add(subscriber)
      for (;;) {
        const frame = await inbox.next(() => socket.ask(named.value))
        yield itemOf(channel.decode, frame, facts)
        if (frame.kind === 'end') return
      }
    } finally {
      signal?.removeEventListener('abort', abort)
      socket.remove(subscriber)
    }
  }

  return { subscribe, authenticate: socket.authenticate }
}

/** What has come for one reader and has not been taken yet. */
function createInbox(cursor: Cursor, facts: ErrorContext) {
  const waiting: Frame[] = []
  let error: ClientError | undefined
  let lagging = false
  let wake = () => {}

  /** Ends the stream after what has come already. */
  function fail(reason: ClientError): void {
    error ??= reason
    wake()
  }

  return {
    fail,
    /** Ends the stream now: who has given up is given nothing more. */
    abort(reason: AbortedError): void {
      waiting.length = 0
      fail(reason)
    },
    receive(kind: string, wire: unknown): void {
      lagging ||= waiting.length >= mostFrames
      if (kind === 'error') fail(refusal(facts, wire))
      if (kind === 'error' || lagging || error) return
      try {
        waiting.push(...checked(cursor.take(kind, wire), facts))
        wake()
      } catch (cause) {
        fail(asClientError(facts, cause))
      }
    },
    /** Waits for the next frame. `askAgain` is called when frames were left out. */
    async next(askAgain: () => void): Promise<Frame> {
      for (;;) {
        const frame = waiting.shift()
        if (frame) return frame
        if (error) throw error
        if (lagging) askAgain()
        lagging = false
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** The error of an `error` frame: the service's problem where it gives one. */
function refusal(facts: ErrorContext, wire: unknown) {
  const { problem }: { problem?: unknown } = Object(wire)
  const { status }: { status?: unknown } = Object(problem)
  return new ProblemError({ ...facts, status: typeof status === 'number' ? status : 500, problem })
}
