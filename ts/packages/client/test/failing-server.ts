/** A real HTTP server that answers, and fails, as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly at: number
  /** True once the client has gone away before the answer was complete. */
  abandoned: boolean
}

export type Answering = (response: ServerResponse, request: SeenRequest) => void

export interface FailingServer {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Each answers one request, in order; the last one answers all that follow. */
  answer(...steps: readonly Answering[]): void
}

export async function startServer(t: TestContext): Promise<FailingServer> {
  const requests: SeenRequest[] = []
  let steps: Answering[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      at: performance.now(),
      abandoned: false,
    }
    response.on('close', () => {
      seen.abandoned = !response.writableFinished
    })
    requests.push(seen)
    const step = steps.length > 1 ? steps.shift() : steps[0]
    if (!step) throw new Error(`nothing is planned for ${seen.method} ${seen.url}`)
    step(response, seen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (!isAddress(address)) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answer: (...planned) => {
      steps = [...planned]
    },
  }
}

const isAddress = (address: unknown): address is AddressInfo =>
  typeof address === 'object' && address !== null && 'port' in address

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answering =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }

export const problem = (
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Answering =>
  json(
    status,
    { title: `Problem ${status}`, status, detail },
    { 'x-request-id': 'r-server', ...headers },
  )

export const html =
  (status: number): Answering =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' })
    response.end('<html><body>Internal Server Error</body></html>')
  }

/** Closes the connection without a word. */
export const hangUp: Answering = (response) => {
  response.socket?.destroy()
}

/** Promises a whole body and cuts it in the middle. */
export const cutBody: Answering = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{"name":"senti')
  setTimeout(() => response.socket?.destroy(), 5)
}

/** Answers after a while. */
export const slow =
  (milliseconds: number, step: Answering): Answering =>
  (response, request) => {
    setTimeout(() => step(response, request), milliseconds)
  }

/** Takes the request and never answers. */
export const silence: Answering = () => {}
