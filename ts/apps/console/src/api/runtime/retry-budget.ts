/** Tokens at the start, and the most that are kept. */
const capacity = 500
/** Tokens for one retry, and for one when the service asked to be slow. */
const retryCost = 14
const throttledCost = 5

export interface RetryBudget {
  /** Pays for one retry and returns its cost, or undefined when there are too few tokens. */
  take(throttled: boolean): number | undefined
  /** A success earns what its last retry cost, or one token when it needed none. */
  earn(cost: number | undefined): void
}

/**
 * Tokens that retries spend and successes earn back: in a long outage retries stop, because
 * nothing earns any.
 */
export function createRetryBudget(): RetryBudget {
  let tokens = capacity
  return {
    take(throttled) {
      const cost = throttled ? throttledCost : retryCost
      if (tokens < cost) return undefined
      tokens -= cost
      return cost
    },
    earn(cost) {
      tokens = Math.min(capacity, tokens + (cost ?? 1))
    },
  }
}
