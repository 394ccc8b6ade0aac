import { NetworkFailure, ProblemFailure, TimedOut, UndecodableResponse } from './errors.ts'
import type { Json } from './json.ts'
import { readProblem } from './problem.ts'
import { Reading } from './reading.ts'

/** One request, and how to read what it answers. */
export type Call<Answer> = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Json
  /** @default 15 */
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal | undefined
  readonly read: (answer: Reading) => Answer
}

/** Sends a request to the server that this page came from and reads its answer. */
export async function send<Answer>(call: Call<Answer>): Promise<Answer> {
  const timeoutSeconds = call.timeoutSeconds ?? 15
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  try {
    return await exchange(call, call.signal ? AbortSignal.any([timeout, call.signal]) : timeout)
  } catch (error) {
    if (timeout.aborted) throw new TimedOut(timeoutSeconds)
    // What fetch reports when there is no answer is a TypeError and nothing more.
    if (error instanceof TypeError) throw new NetworkFailure()
    throw error
  }
}

async function exchange<Answer>(call: Call<Answer>, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(call.path, { ...request(call), signal })
  const requestId = response.headers.get('x-request-id')
  const text = await response.text()
  if (!response.ok) {
    const contentType = response.headers.get('content-type') ?? ''
    throw new ProblemFailure(readProblem({ status: response.status, contentType, requestId, text }))
  }
  return call.read(new Reading(parse(text, requestId)))
}

function request(call: Call<unknown>): RequestInit {
  const init = { method: call.method, credentials: 'same-origin', cache: 'no-store' } as const
  const accept = { accept: 'application/json, application/problem+json' }
  if (call.body === undefined) return { ...init, headers: accept }
  return {
    ...init,
    headers: { ...accept, 'content-type': 'application/json' },
    body: JSON.stringify(call.body),
  }
}

function parse(text: string, requestId: string | null): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new UndecodableResponse('', 'JSON was expected', requestId)
  }
}
