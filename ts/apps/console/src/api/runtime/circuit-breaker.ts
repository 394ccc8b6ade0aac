import type { Clock } from './clock.ts'

/** Outcomes older than this are forgotten. */
const windowMilliseconds = 10_000
/** With fewer calls in the window the circuit stays closed. */
const fewestCalls = 10
/** The share of failures that opens the circuit. */
const failureRate = 0.5
/** How long it stays open at first, and at the longest. */
const shortestMilliseconds = 1000
const longestMilliseconds = 5000
/** So many calls are let through to try, and all must succeed. */
const probes = 3

/** Must be called once with the outcome: `undefined` when it says nothing about the service. */
export type Permit = (succeeded: boolean | undefined) => void

export interface CircuitBreaker {
  /** Leave to send one call, or undefined when the circuit is open. */
  enter(): Permit | undefined
  /** Seconds until a call is let through; 0 when none is held back. */
  openSeconds(): number
}

/** Stops calls to a service that keeps failing, and tries again after a while. */
export function createCircuitBreaker(clock: Clock, random: () => number): CircuitBreaker {
  // A new list after each change: a call that began before says nothing about what follows.
  let outcomes: (readonly [at: number, succeeded: boolean])[] = []
  let underWay = 0
  let opensUntil = 0
  // How often in a row it has opened; while that is not 0, calls are probes.
  let trips = 0

  const openSeconds = () => Math.max(0, opensUntil - clock.now()) / 1000

  function judge(now: number): void {
    while (!trips && outcomes[0] && outcomes[0][0] <= now - windowMilliseconds) outcomes.shift()
    const calls = outcomes.length
    const failures = outcomes.filter((outcome) => !outcome[1]).length
    if (trips ? failures : calls >= fewestCalls && failures >= failureRate * calls) {
      const longest = Math.min(longestMilliseconds, shortestMilliseconds * 2 ** ++trips)
      // Clients that saw the same failure must not all come back at the same moment.
      opensUntil = now + shortestMilliseconds + random() * (longest - shortestMilliseconds)
    } else if (trips && calls >= probes) trips = 0
    else return
    outcomes = []
    underWay = 0
  }

  function enter(): Permit | undefined {
    if (openSeconds() || (trips && underWay + outcomes.length >= probes)) return
    const begun = outcomes
    underWay++
    return (succeeded) => {
      if (begun !== outcomes) return
      underWay--
      if (succeeded === undefined) return
      const now = clock.now()
      outcomes.push([now, succeeded])
      judge(now)
    }
  }

  return { enter, openSeconds }
}
