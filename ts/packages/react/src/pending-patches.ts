import { hashKey, notifyManager, type QueryClient, type QueryKey } from '@tanstack/react-query'
import type { Patch } from './patch.ts'

/**
 * The patches of writes under way to one cached answer, in the order in which they were made. What
 * is shown is always the service's answer with these on top, so a failed write takes back its own
 * change and no other.
 */
class PendingPatches {
  readonly #queries: QueryClient
  readonly #queryKey: QueryKey
  readonly #patches: { readonly patch: Patch; done: boolean }[] = []
  readonly #stopListening: () => void
  #putBack: () => void
  #writes = 0
  #mustAskAgain = false

  constructor(queries: QueryClient, first: Patch) {
    this.#queries = queries
    this.#queryKey = first.queryKey
    this.#putBack = first.keep(queries)
    this.#stopListening = queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.query.queryHash !== hashKey(this.#queryKey)) return
      const { action } = event
      if (action.type === 'success' && !action.manual) this.#rebase(first)
    })
  }

  get isIdle(): boolean {
    return this.#writes === 0
  }

  add(patch: Patch, stoppedRead: boolean): void {
    this.#writes++
    this.#mustAskAgain ||= stoppedRead
    this.#patches.push({ patch, done: false })
    patch.apply(this.#queries)
  }

  /** The service has made the change: it stays. */
  async confirm(patch: Patch): Promise<void> {
    if (await stopReads(this.#queries, this.#queryKey)) this.#mustAskAgain = true
    const found = this.#patches.find((one) => one.patch === patch)
    if (found) found.done = true
    this.#replay()
  }

  /** The service has not made the change: it goes, and those of other writes stay. */
  takeBack(patch: Patch): void {
    this.#mustAskAgain = true
    const index = this.#patches.findIndex((one) => one.patch === patch)
    if (index >= 0) this.#patches.splice(index, 1)
    this.#replay()
  }

  /** A write has ended. After the last one the service is asked, where it may know better. */
  release(): void {
    if (--this.#writes > 0) return
    this.#stopListening()
    if (!this.#mustAskAgain) return
    // Not waited for: the write is over, and its error should be shown now.
    void this.#queries.invalidateQueries({ queryKey: this.#queryKey, exact: true })
  }

  /** A read has landed that began after every confirmed change. */
  #rebase(first: Patch): void {
    this.#mustAskAgain = false
    const open = this.#patches.filter(({ done }) => !done)
    this.#patches.splice(0, Infinity, ...open)
    this.#putBack = first.keep(this.#queries)
    this.#replay()
  }

  #replay(): void {
    notifyManager.batch(() => {
      this.#putBack()
      let isSettled = true
      for (const { patch, done } of this.#patches) {
        patch.apply(this.#queries)
        isSettled &&= done
        if (isSettled) this.#putBack = patch.keep(this.#queries)
      }
      while (this.#patches[0]?.done) this.#patches.shift()
    })
  }
}

/** A read that began before a write would show what was true before it. Tells if there was one. */
async function stopReads(queries: QueryClient, queryKey: QueryKey): Promise<boolean> {
  const filter = { queryKey, exact: true }
  const isReading = queries.isFetching(filter) > 0
  await queries.cancelQueries(filter)
  return isReading
}

const everyPending = new WeakMap<QueryClient, Map<string, PendingPatches>>()

/** Stops the reads that a patch would race with, then applies it. */
export async function applyPatch(queries: QueryClient, patch: Patch): Promise<PendingPatches> {
  const stoppedRead = await stopReads(queries, patch.queryKey)
  const ofClient = everyPending.get(queries) ?? new Map<string, PendingPatches>()
  everyPending.set(queries, ofClient)
  const hash = hashKey(patch.queryKey)
  const known = ofClient.get(hash)
  const pending = known && !known.isIdle ? known : new PendingPatches(queries, patch)
  ofClient.set(hash, pending)
  pending.add(patch, stoppedRead)
  return pending
}

export type { PendingPatches }
