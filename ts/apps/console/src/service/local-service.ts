import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { type Client, createClient } from '#api/runtime/index.ts'

/** One request that a test's service has received. */
export type Received = {
  readonly method: string
  readonly path: string
  readonly body: string
  /** What tells a request that is sent again from a new one. */
  readonly key: string | undefined
}

type Answer = (response: ServerResponse, received: Received) => void

/** A client of a real HTTP service that answers every request alike, and what was sent to it. */
export async function localService(
  context: TestContext,
  answer: Answer,
): Promise<{ api: Client; received: readonly Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const one = await receive(request)
    received.push(one)
    answer(response, one)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The service has no port.')
  return { api: createClient({ baseUrl: `http://127.0.0.1:${address.port}` }), received }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': 'id-of-the-log',
  })
  response.end(JSON.stringify(body))
}

/** Answers with a problem document. */
export function problem(
  response: ServerResponse,
  status: number,
  kind: string,
  more: { readonly detail?: string; readonly errors?: readonly unknown[] } = {},
): void {
  const type = `urn:lockstitch:problem:${kind}`
  const document = { type, title: 'A title', status, detail: 'What happened.', ...more }
  json(response, status, { ...document, request_id: 'id-of-the-log' })
}

async function receive(request: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const body = Buffer.concat(parts).toString()
  const key = request.headers['idempotency-key']?.toString()
  return { method: request.method ?? '', path: request.url ?? '', body, key }
}
