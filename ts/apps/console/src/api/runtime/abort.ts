import type { Clock } from './clock.ts'

/**
 * Runs with a signal that is aborted when its parent is, or with `late()` as its reason
 * when the time is over. Does not wait for work that ignores its signal.
 */
export async function within<Value>(
  clock: Clock,
  milliseconds: number,
  parent: AbortSignal,
  late: () => unknown,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const timer = new AbortController()
  const cancel = clock.after(milliseconds, () => timer.abort(late()))
  const signal = AbortSignal.any([timer.signal, parent])
  try {
    signal.throwIfAborted()
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    return await Promise.race([run(signal), aborted])
  } finally {
    cancel()
  }
}

/** Resolves after so many milliseconds, or rejects as soon as the signal is aborted. */
export const sleep = (clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> =>
  within(
    clock,
    milliseconds,
    signal,
    () => sleep,
    () => new Promise<void>(() => {}),
  ).catch((reason) => {
    if (reason !== sleep) throw reason
  })
