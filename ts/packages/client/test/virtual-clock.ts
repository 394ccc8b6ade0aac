/** Time that passes only when it is told to, and chance that can be repeated. */
import type { Clock } from '../src/index.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

export class VirtualClock implements Clock {
  #now = 0
  #order = 0
  // A binary heap, soonest first.
  readonly #timers: Timer[] = []
  /** What the calendar says at the beginning. */
  readonly #epoch = Date.UTC(2026, 10, 22)

  readonly now = (): number => this.#now
  readonly date = (): number => this.#epoch + this.#now

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const at = this.#now + Math.max(0, milliseconds)
    const timer: Timer = { at, order: this.#order++, run, cancelled: false }
    this.#push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  /** Lets time pass until nothing is planned before the moment. */
  async run(until = Infinity): Promise<void> {
    await settled()
    for (let timer = this.#pop(until); timer; timer = this.#pop(until)) {
      this.#now = timer.at
      timer.run()
      await settled()
    }
    if (until !== Infinity) this.#now = Math.max(this.#now, until)
  }

  #push(timer: Timer): void {
    let index = this.#timers.length
    this.#timers.push(timer)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#timers[parent]
      if (!above || isBefore(above, timer)) break
      this.#timers[index] = above
      index = parent
    }
    this.#timers[index] = timer
  }

  #pop(until: number): Timer | undefined {
    for (;;) {
      const [top] = this.#timers
      if (!top || top.at > until) return undefined
      this.#removeTop()
      if (!top.cancelled) return top
    }
  }

  #removeTop(): void {
    const last = this.#timers.pop()
    if (!last || this.#timers.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      let below = this.#timers[child]
      if (!below) break
      const right = this.#timers[child + 1]
      if (right && isBefore(right, below)) {
        child++
        below = right
      }
      if (isBefore(last, below)) break
      this.#timers[index] = below
      index = child
    }
    this.#timers[index] = last
  }
}

/** Resolves when everything that can happen now has happened: a new task follows all microtasks. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
