import { backoff } from './backoff.ts'
import type { Client } from './client.ts'
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
  let cancel = () => {}
  let failures = 0
  let heard = clock.now()
  let expired = false

  const send = (frame: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  const ask = ({ stream, position }: Subscriber) =>
    send({ frame: 'subscribe', stream, ...(position() && { position: position() }) })

  async function authenticate(): Promise<void> {
    const bearer = await token?.({ refresh: expired })
    expired = false
    if (bearer) send({ frame: 'auth', token: bearer })
  }

  function listen(opened: WebSocket): void {
    heard = clock.now()
    cancel()
    cancel = clock.after(heartbeatSeconds * 1000, () => leave(opened, 0))
  }

  function receive(text: unknown): void {
    const { frame, ...wire }: Record<string, unknown> = Object(JSON.parse(`${text}`))
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
    if (late || finalCodes.includes(code) || closing.signal.aborted) {
      for (const subscriber of subscribers) subscriber.closed(code)
      subscribers.clear()
    } else if (subscribers.size > 0) {
      cancel = clock.after(backoff(failures++, true, undefined, random), open)
    }
  }

  function open(): void {
    const opened = new WebSocket(url)
    socket = opened
    cancel()
    cancel = clock.after(heartbeatSeconds * 1000, () => leave(opened, 0))
    opened.onopen = async () => {
      await authenticate().catch(() => leave(opened, 0))
      for (const subscriber of subscribers) ask(subscriber)
    }
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return
      failures = 0
      listen(opened)
      receive(data)
    }
    opened.onclose = ({ code }) => leave(opened, code)
  }

  closing.signal.addEventListener('abort', () => socket && leave(socket, 0))

  return {
    authenticate,
    ask,
    add(subscriber: Subscriber): void {
      if (!subscribers.size) heard = clock.now()
      subscribers.add(subscriber)
      if (socket) ask(subscriber)
      else if (subscribers.size === 1) open()
    },
    remove(subscriber: Subscriber): void {
      if (!subscribers.delete(subscriber)) return
      const others = [...subscribers].some(({ stream }) => stream === subscriber.stream)
      if (!others) send({ frame: 'unsubscribe', stream: subscriber.stream })
      if (subscribers.size) return
      cancel()
      if (socket) leave(socket, 0)
    },
  }
}
