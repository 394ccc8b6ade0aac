import type { ClientError } from './errors.ts'
import type { Fetch } from './fetch-init.ts'

/** What the caller of one operation may decide. */
export interface CallOptions {
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal
  /** Time for everything: waiting, retries and reading. @default 30 */
  readonly deadlineSeconds?: number
  /** Time for one attempt. @default 10 */
  readonly attemptSeconds?: number
  /** How many requests at the most. @default 3 */
  readonly attempts?: number
  /** The Idempotency-Key of an operation that takes one. @default a fresh random key */
  readonly idempotencyKey?: string
  /** Headers for this call alone. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sends this call by other means, as `/upload` does for its progress. */
  readonly fetch?: Fetch
}

/** A decoded value together with what is known about its answer. */
export interface Exchange<Output> {
  readonly value: Output
  /** 0 when the value is a fallback. */
  readonly status: number
  /** The service's request id. */
  readonly requestId: string
  readonly attempts: number
  /** How old the value is, when the service failed and an earlier answer was served instead. */
  readonly staleSeconds?: number
  /** The failure that a stale answer or a fallback stands in for. */
  readonly error?: ClientError
}
