import { type Clock, systemClock } from './clock.ts'
import type { Fetch, FetchWrapper } from './fetch-init.ts'
import type { Health } from './health.ts'
import type { ClientLayer } from './layer.ts'

/** How a client behaves. Only `baseUrl` is needed. */
export interface ClientOptions {
  /** Where the service is: `https://api.example.com`, or `''` for the origin of the page. */
  readonly baseUrl: string
  /** Sent with every request. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether cookies are sent. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /** Time for everything: waiting, retries and reading. @default 30 */
  readonly deadlineSeconds?: number
  /** Time for one attempt. @default 10 */
  readonly attemptSeconds?: number
  /** How often one call may be tried. @default 3 */
  readonly attempts?: number
  /** Wraps what sends each attempt: tokens, shared reads, interceptors. @default none */
  readonly wrapFetch?: FetchWrapper
  /** Wrap every call; the first is the outermost. @default [] */
  readonly layers?: readonly ClientLayer[]
  /** Retry budget and circuit breakers; share one between the clients of a server. @default own */
  readonly health?: Health
  /** @default the global fetch */
  readonly fetch?: Fetch
  /** @default the system's */
  readonly clock?: Clock
  /** Numbers from 0 to below 1. @default Math.random */
  readonly random?: () => number
  /** Makes request ids and idempotency keys. @default 128 random bits */
  readonly createKey?: () => string
}

export const defaults = {
  credentials: 'same-origin',
  deadlineSeconds: 30,
  attemptSeconds: 10,
  attempts: 3,
  layers: [],
  clock: systemClock,
  random: Math.random,
  // Looked up at each call, because tests and instrumentation replace it.
  fetch: (url, init) => fetch(url, init),
  wrapFetch: (fetch) => fetch,
  // Not `crypto.randomUUID`, which a page has only over https.
  createKey: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
} as const satisfies Partial<ClientOptions>

/** The options of a client, with every default filled in. */
export type Settings = ClientOptions & Required<Pick<ClientOptions, keyof typeof defaults>>
