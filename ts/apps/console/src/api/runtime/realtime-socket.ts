import { parseJson } from './answer.ts'
import { backoff } from './backoff.ts'
import type { Client } from './client.ts'
import { parsePosition } from './cursor.ts'
import type { RealtimeOptions } from './realtime.ts'

/** What one reader of the socket needs of it. */
export interface Subscriber {
  readonly stream: string
  /** The position after which to send; `''` for the beginning. */
  position(): string
  receive(kind: string, wire: unknown): void
  /** Nothing will come any more; the code is that of the socket, 0 when it cannot be opened. */
  closed(code: number): void
}

/** Closes after which the same request would be refused again: forbidden, and a version too old. */
const finalCodes = [4003, 4009]
const expiredCode = 4001

/** Keeps one socket open while there are subscribers, and subscribes anew after every cut. */
export function createRealtimeSocket(
  { settings: { clock, random }, closing }: Client,
  { url, token, heartbeatSeconds = 30, giveUpSeconds = 300 }: RealtimeOptions,
) {
  const subscribers = new Set<Subscriber>()
  let socket: WebSocket | undefined
  // The socket that has been told who is asking; before, nothing may be asked of it.
  let ready: WebSocket | undefined
  let cancel = () => {}
  let failures = 0
  let heard = clock.now()
  let expired = false

  const send = (frame: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  const readersOf = (stream: string) => [...subscribers].filter((one) => one.stream === stream)

  /** The service has one reader for a stream, so it must begin where the last of them is. */
  function ask(stream: string): void {
    if (!socket || socket !== ready) return
    const position = hindmost(readersOf(stream).map((one) => one.position()))
    send({ frame: 'subscribe', stream, ...(position && { position }) })
  }

  async function authenticate(): Promise<void> {
    const bearer = await token?.({ refresh: expired })
    expired = false
    if (bearer) send({ frame: 'auth', token: bearer })
  }

  function watch(watched: WebSocket): void {
    cancel()
    cancel = clock.after(heartbeatSeconds * 1000, () => leave(watched, 0))
  }

  function receive(text: unknown): void {
    const json = parseJson(text)
    // What cannot be read may have been an event of any stream.
    const { frame, ...wire }: Record<string, unknown> = json.ok
      ? Object(json.value)
      : { frame: 'event' }
    for (const subscriber of subscribers) {
      if (wire.stream === undefined || wire.stream === subscriber.stream) {
        subscriber.receive(`${frame}`, wire)
      }
    }
  }

  /** Forgets a socket that is closed, dead or no longer needed; opens another where it is. */
  function leave(left: WebSocket, code: number): void {
    if (left !== socket) return
    socket = undefined
    cancel()
    left.close()
    expired ||= code === expiredCode
    const late = clock.now() - heard >= giveUpSeconds * 1000
    if (late || finalCodes.includes(code)) end(code)
    else if (subscribers.size > 0) {
      cancel = clock.after(backoff(failures++, true, undefined, random), open)
    }
  }

  function end(code: number): void {
    cancel()
    for (const subscriber of subscribers) subscriber.closed(code)
    subscribers.clear()
  }

  function open(): void {
    const opened = new WebSocket(url)
    socket = opened
    watch(opened)
    opened.onopen = async () => {
      try {
        await authenticate()
      } catch {
        leave(opened, 0)
      }
      if (opened !== socket) return
      ready = opened
      for (const stream of new Set([...subscribers].map((one) => one.stream))) ask(stream)
    }
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return
      failures = 0
      heard = clock.now()
      watch(opened)
      receive(data)
    }
    opened.onclose = ({ code }) => leave(opened, code)
  }

  closing.signal.addEventListener('abort', () => {
    end(0)
    if (socket) leave(socket, 0)
  })

  return {
    authenticate,
    ask,
    add(subscriber: Subscriber): void {
      if (!subscribers.size) heard = clock.now()
      subscribers.add(subscriber)
      if (socket) ask(subscriber.stream)
      else if (subscribers.size === 1) open()
    },
    remove(subscriber: Subscriber): void {
      if (!subscribers.delete(subscriber)) return
      const { stream } = subscriber
      if (!readersOf(stream).length) send({ frame: 'unsubscribe', stream })
      if (subscribers.size) return
      cancel()
      if (socket) leave(socket, 0)
    },
  }
}

/** The position that is furthest behind; of different epochs the first, which is the oldest. */
const hindmost = (positions: readonly string[]): string =>
  positions.reduce((least, position) => {
    const [epoch, offset] = parsePosition(position)
    const [known, last] = parsePosition(least)
    return !position || (epoch === known && offset < last) ? position : least
  })
