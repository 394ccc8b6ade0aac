import type { Clock } from './clock.ts'

/** Rejects with the signal's reason when it is aborted; otherwise never settles. */
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
  })

/**
 * Runs with a signal that is aborted when one of the parents is, or with `late()` as its reason
 * when the time is over. Does not wait for work that ignores its signal.
 */
export async function within<Value>(
  clock: Clock,
  milliseconds: number,
  parents: readonly AbortSignal[],
  late: () => unknown,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const timer = new AbortController()
  const cancel = clock.after(milliseconds, () => timer.abort(late()))
  const signal = AbortSignal.any([timer.signal, ...parents])
  try {
    signal.throwIfAborted()
    return await Promise.race([run(signal), aborted(signal)])
  } finally {
    cancel()
  }
}

/** Resolves after so many milliseconds, or rejects as soon as the signal is aborted. */
export async function sleep(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  let cancel = () => {}
  const elapsed = new Promise<void>((resolve) => {
    cancel = clock.after(milliseconds, resolve)
  })
  await Promise.race([elapsed, aborted(signal)]).finally(cancel)
}
