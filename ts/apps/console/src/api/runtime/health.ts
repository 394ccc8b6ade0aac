import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts'
import { type ClientOptions, defaults } from './options.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'

export type HealthOptions = Pick<ClientOptions, 'clock' | 'random'>

/** What is known about the health of services. */
export interface Health {
  readonly budget: RetryBudget
  /** By the origin's parts, with commas between, and the group. */
  readonly breakers: ReadonlyMap<string, CircuitBreaker>
  /** The same for every client of that origin. */
  breaker(baseUrl: string, group: string): CircuitBreaker
}

/**
 * Makes one retry budget, and a circuit breaker for each origin and group of operations. They hold
 * nothing about people, so a server may share them between its clients.
 *
 * @example
 * ```ts
 * const health = createHealth()
 * const clientFor = (token: string) =>
 *   createClient({ baseUrl, health, wrapFetch: bearer(() => token) })
 * ```
 */
export function createHealth(options: HealthOptions = {}): Health {
  const { clock, random } = { ...defaults, ...options }
  const breakers = new Map<string, CircuitBreaker>()
  return {
    budget: createRetryBudget(),
    breakers,
    breaker(baseUrl, group) {
      const key = `${baseUrl.split('/', 3)} ${group}`
      const breaker = breakers.get(key) ?? createCircuitBreaker(clock, random)
      breakers.set(key, breaker)
      return breaker
    },
  }
}
