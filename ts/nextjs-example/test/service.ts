/** The real service, with a relay in front of it that a test can slow down or break. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'

/** A port that nobody has now. Next.js must know it when it builds. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || !address) throw new Error('there is no free port')
  return address.port
}

/** Resolves when something listens there. */
export async function listening(port: number, child: ChildProcess): Promise<void> {
  const ends = performance.now() + 60_000
  while (performance.now() < ends && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(
        () => false,
        () => false,
      ),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nothing listens at port ${port}`)
}

/** Starts a program that ends with the test. */
export function start(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const home = new URL('..', import.meta.url).pathname
  return spawn(program, words, {
    cwd: home,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
  })
}

export class Relay {
  readonly seen: string[] = []
  readonly #broken = new Set<string>()
  readonly #held = new Map<string, Promise<void>>()
  readonly #leaving = new Map<string, () => void>()
  readonly #server

  constructor(servicePort: number) {
    this.#server = createServer(async (incoming, response) => {
      const name = `${incoming.method} ${incoming.url}`
      this.seen.push(name)
      await this.#held.get(name)
      if (this.#broken.has(name)) response.writeHead(500).end('<h1>Internal Server Error</h1>')
      else forward(incoming, response, servicePort)
      response.on('close', () => this.#leaving.get(name)?.())
    })
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  count(name: string): number {
    return this.seen.filter((one) => one === name).length
  }

  break(name: string): void {
    this.#broken.add(name)
  }

  repair(name: string): void {
    this.#broken.delete(name)
  }

  /** Resolves when somebody who has made this request has left. */
  left(name: string): Promise<void> {
    return new Promise((resolve) => this.#leaving.set(name, resolve))
  }

  /** Holds these requests until the returned function is called. */
  hold(name: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(name, promise)
    return () => {
      this.#held.delete(name)
      resolve()
    }
  }
}

function forward(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  response.on('close', () => onward.destroy())
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}
