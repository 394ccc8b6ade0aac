import type { Exchange } from './call.ts'
import type { Client } from './client.ts'
import { CircuitOpenError, ClientError } from './errors.ts'
import type { ClientLayer, Layer } from './layer.ts'

/** How many answers of one operation are kept for one client. */
const mostAnswers = 100

/** Whether the service failed, rather than refused: only then anything else may be served. */
export const isOutage = (error: unknown): error is ClientError => {
  if (!ClientError.isInstance(error)) return false
  const { kind, status = 0 } = error
  return /^(network|timeout|circuit-open)$/.test(kind) || status >= 500 || status === 429
}

/** Whether the service refused, in words that the contract declares or in others. */
const isRefusal = (error: unknown): boolean =>
  !isOutage(error) && ClientError.isInstance(error) && (error.status ?? 0) >= 400

interface Kept<Output> {
  readonly exchange: Exchange<Output>
  readonly at: number
}

/**
 * Serves the last good answer to the same input while the service fails. `exchange` tells how old
 * it is. A refusal, such as 403 or 404, ends that: the answer is no longer this caller's to see.
 *
 * @example
 * ```ts
 * layers: [staleOnError({ seconds: 300 })]
 * ```
 */
export function staleOnError<Input, Output>({
  seconds,
}: {
  readonly seconds: number
}): Layer<Input, Output> {
  const answers = new WeakMap<Client, Map<string, Kept<Output>>>()

  function keep(kept: Map<string, Kept<Output>>, key: string, answer: Kept<Output>): void {
    kept.delete(key)
    kept.set(key, answer)
    // A Map keeps its order, so the first key is the one that was renewed the longest ago.
    const [oldest = key] = kept.keys()
    if (kept.size > mostAnswers) kept.delete(oldest)
  }

  return async (call, next) => {
    const { clock } = call.client.settings
    const kept = answers.get(call.client) ?? new Map<string, Kept<Output>>()
    answers.set(call.client, kept)
    const key = JSON.stringify([call.input, call.options.headers])
    try {
      const exchange = await next(call)
      keep(kept, key, { exchange, at: clock.now() })
      return exchange
    } catch (error) {
      const earlier = kept.get(key)
      const staleSeconds = earlier ? (clock.now() - earlier.at) / 1000 : Infinity
      if (isRefusal(error)) kept.delete(key)
      if (!isOutage(error) || !earlier || staleSeconds > seconds) throw error
      return { ...earlier.exchange, staleSeconds, error }
    }
  }
}

/**
 * Uses a value of one's own while the service fails. Put it before `staleOnError` to prefer the
 * last good answer.
 *
 * @example
 * ```ts
 * layers: [fallback(() => ({ items: [], nextCursor: null })), staleOnError({ seconds: 300 })]
 * ```
 */
export const fallback =
  <Input, Output>(value: (error: ClientError) => Output): Layer<Input, Output> =>
  async (call, next) => {
    try {
      return await next(call)
    } catch (error) {
      if (!isOutage(error)) throw error
      const { requestId, attempts } = error
      return { value: value(error), status: 0, requestId, attempts, error }
    }
  }

/** Whether writes are refused now: some circuit of the client's service is open. */
export const isReadOnly = ({ health, settings }: Client): boolean => {
  const origin = `${settings.baseUrl.split('/', 3)} `
  return [...health.breakers].some(
    ([key, breaker]) => key.startsWith(origin) && breaker.openSeconds() > 0,
  )
}

/**
 * Refuses writes at once while any circuit of the service is open, so that a person is told before
 * half of the work is done. `isReadOnly` tells it to the page.
 *
 * @example
 * ```ts
 * createClient({ baseUrl, layers: [readOnlyWhileOpen()] })
 * ```
 */
export const readOnlyWhileOpen = (): ClientLayer => async (call, next) => {
  const { id: operation, method } = call.operation
  if (/^(GET|HEAD|OPTIONS)$/.test(method) || !isReadOnly(call.client)) return next(call)
  const requestId = call.client.settings.createKey()
  throw new CircuitOpenError({ operation, requestId, attempts: 0 })
}
