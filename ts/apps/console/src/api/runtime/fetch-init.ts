import type { RequestBody } from './operation.ts'

/** The part of a request that the runtime fills in. */
export interface FetchInit {
  readonly method: string
  readonly headers: Headers
  readonly body: RequestBody | ReadableStream<Uint8Array<ArrayBuffer>> | null
  /** Must be said of a body that is a stream. */
  readonly duplex?: 'half'
  readonly signal: AbortSignal
  readonly credentials: RequestCredentials
  /** Who asks again after a write must not be given what the browser kept from before it. */
  readonly cache: 'no-cache'
}

/** The part of `fetch` that the runtime needs; the global one fits. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>

/** Makes another `Fetch` of one: for tokens, shared reads and interceptors. */
export type FetchWrapper = (fetch: Fetch) => Fetch
