import type { CallOptions, Exchange } from './call.ts'
import type { Client } from './client.ts'
import { AbortedError, type ClientError, UndecodableError } from './errors.ts'
import type { Layer, LayeredCall } from './layer.ts'

/** One outcome of a batch. */
export type BatchItem<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly error: ClientError }

export interface BatchTwinOptions<Input, Output> {
  /** How many inputs one batch may carry. */
  readonly limit: number
  /** Sends one batch. Gives one outcome for each input, in order. */
  readonly run: (
    client: Client,
    inputs: readonly Input[],
    options: CallOptions,
  ) => Promise<readonly BatchItem<Output>[]>
}

interface Waiting<Input, Output> {
  readonly call: LayeredCall<Input, Output>
  readonly alone: () => Promise<Exchange<Output>>
  readonly resolve: (exchange: Exchange<Output> | Promise<Exchange<Output>>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers the calls that one client makes in one tick into requests to the operation's batch twin.
 * A call on its own, or one with options of its own besides a signal, is sent as usual. A caller
 * who gives up hears so at once; the batch itself is aborted when all of its callers have.
 *
 * @example
 * ```ts
 * const run = (client, inputs, options) => predictMany(client, inputs, options)
 * const layers = [batchTwin({ limit: 100, run })]
 * ```
 */
export function batchTwin<Input, Output>({
  limit,
  run,
}: BatchTwinOptions<Input, Output>): Layer<Input, Output> {
  const queues = new WeakMap<Client, Waiting<Input, Output>[]>()

  async function flush(batch: readonly Waiting<Input, Output>[]): Promise<void> {
    const [first] = batch
    if (!first) return
    if (batch.length === 1) return first.resolve(first.alone())
    const { client, operation } = first.call
    const facts = { operation: operation.id, requestId: client.settings.createKey(), attempts: 1 }
    try {
      const inputs = batch.map(({ call }) => call.input)
      const items = await run(client, inputs, { signal: allAborted(batch) })
      batch.forEach(({ resolve, reject }, index) => {
        const item = items[index]
        if (items.length !== batch.length || !item) reject(miscounted(facts, items.length))
        else if (item.ok) resolve({ ...facts, value: item.value, status: 200 })
        else reject(item.error)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return (call, next) => {
    const { client, options, operation } = call
    const { signal, ...others } = options
    if (signal?.aborted || Object.keys(others).length > 0) return next(call)
    const queue = queues.get(client) ?? []
    if (!queue.length) {
      queues.set(client, queue)
      client.settings.clock.after(0, () => {
        queues.delete(client)
        for (let from = 0; from < queue.length; from += limit) {
          const here = queue.slice(from, from + limit)
          void flush(here.filter(({ call }) => !call.options.signal?.aborted))
        }
      })
    }
    return new Promise((resolve, reject) => {
      queue.push({ call, alone: () => next(call), resolve, reject })
      signal?.addEventListener('abort', () => {
        const requestId = client.settings.createKey()
        const context = { operation: operation.id, requestId, attempts: 0, cause: signal.reason }
        reject(new AbortedError(context))
      })
    })
  }
}

/** A signal that is aborted when every caller has given up. */
function allAborted(batch: readonly Aborting[]): AbortSignal {
  const controller = new AbortController()
  let waiting = batch.length
  for (const { call } of batch) {
    call.options.signal?.addEventListener('abort', () => {
      if (--waiting === 0) controller.abort()
    })
  }
  return controller.signal
}

interface Aborting {
  readonly call: { readonly options: CallOptions }
}

const miscounted = (facts: ConstructorParameters<typeof AbortedError>[0], count: number) =>
  new UndecodableError({
    ...facts,
    issues: [{ pointer: '', message: `${count} outcomes do not fit the batch`, rule: 'batch' }],
  })
