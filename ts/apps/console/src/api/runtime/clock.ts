/** Time, so that a test can own it. */
export interface Clock {
  /** Milliseconds that never run backwards. */
  now(): number
  /** Milliseconds since 1970, as the calendar has them. */
  date(): number
  /** Runs the callback after so many milliseconds. Returns how to cancel it. */
  after(milliseconds: number, run: () => void): () => void
}

// A longer timer fires at once in every engine.
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  date: Date.now,
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.min(milliseconds, longestTimer))
    return () => clearTimeout(timer)
  },
}
