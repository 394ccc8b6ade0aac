import { type CircuitBreaker, type CircuitState, createCircuitBreaker } from './circuit-breaker.ts'
import { type ClientOptions, defaults } from './options.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'

export interface HealthOptions extends Pick<ClientOptions, 'clock' | 'random'> {
  /** Told when a circuit changes. @default nobody */
  readonly onChange?: (group: string, state: CircuitState) => void
}

/** What is known about the health of services. */
export interface Health {
  readonly budget: RetryBudget
  /** By origin and group, with a space between. */
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
 * const clientFor = (token: string) => createClient({ baseUrl, health, wrapFetch: bearer(() => token) })
 * ```
 */
export function createHealth(options: HealthOptions = {}): Health {
  const { clock, random, onChange } = { ...defaults, ...options }
  const breakers = new Map<string, CircuitBreaker>()
  return {
    budget: createRetryBudget(),
    breakers,
    breaker(baseUrl, group) {
      const key = `${baseUrl.split('/', 3).join('/')} ${group}`
      const changed = (state: CircuitState) => onChange?.(group, state)
      const breaker = breakers.get(key) ?? createCircuitBreaker(clock, random, changed)
      breakers.set(key, breaker)
      return breaker
    },
  }
}
