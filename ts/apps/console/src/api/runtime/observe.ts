import { ClientError, type ErrorKind } from './errors.ts'
import type { ClientLayer } from './layer.ts'
import type { Method } from './operation.ts'

/** What a logging hook is told. There is never a header, a body, a query or a filled-in path. */
export interface CallEvent {
  readonly operation: string
  readonly method: Method
  /** The path template. */
  readonly path: string
  readonly outcome: 'answer' | ErrorKind
  readonly status: number | undefined
  readonly requestId: string
  readonly attempts: number
  readonly durationSeconds: number
  /** How old an answer is that was served in place of the failed one. */
  readonly staleSeconds: number | undefined
}

/**
 * Tells a hook about every call, for logs and metrics. It never sees a secret, and one that throws
 * does not break the call.
 *
 * @example
 * ```ts
 * createClient({ baseUrl, layers: [observe((event) => console.info(event))] })
 * ```
 */
export function observe(onCall: (event: CallEvent) => void): ClientLayer {
  return async (call, next) => {
    const { id: operation, method, path } = call.operation
    const { clock } = call.client.settings
    const begun = clock.now()
    const tell = (
      outcome: CallEvent['outcome'],
      known: Pick<CallEvent, 'requestId' | 'attempts'> & { readonly status?: number },
      staleSeconds?: number,
    ) => {
      const { status, requestId, attempts } = known
      const durationSeconds = (clock.now() - begun) / 1000
      const facts = { operation, method, path, outcome, status, requestId, attempts }
      try {
        onCall({ ...facts, durationSeconds, staleSeconds })
      } catch {
        // A broken logger must not break the call that it logs.
      }
    }
    try {
      const exchange = await next(call)
      tell(exchange.error?.kind ?? 'answer', exchange, exchange.staleSeconds)
      return exchange
    } catch (error) {
      if (ClientError.isInstance(error)) tell(error.kind, error)
      throw error
    }
  }
}
