import type { CallOptions, Exchange } from './call.ts'
import { exchange } from './exchange.ts'
import type { Layer, LayeredCall } from './layer.ts'
import type { Failures, Operation } from './operation.ts'
import type { ClientOptions } from './options.ts'
import { createTransport, type Transport } from './transport.ts'

/** Makes the calls of one caller to one service. On a server, make one for each request. */
export interface Client extends Transport {
  /** The decoded value; rejects with a `ClientError`. */
  call<Input, Output, Declared extends Failures>(
    operation: Operation<Input, Output, Declared>,
    input: Input,
    options?: CallOptions,
  ): Promise<Output>
  /** The decoded value and what is known about its answer. */
  exchange<Input, Output, Declared extends Failures>(
    operation: Operation<Input, Output, Declared>,
    input: Input,
    options?: CallOptions,
  ): Promise<Exchange<Output>>
  /** Stops every call and stream for good: at sign-out, or when a server's request has ended. */
  close(): void
}

/**
 * Makes a client. Nothing is shared between clients but a `health` that both are given.
 *
 * @example
 * ```ts
 * const client = createClient({ baseUrl: 'https://api.example.com' })
 * const model = await readModel(client, { name: 'sentiment' })
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const client: Client = {
    ...createTransport(options),
    exchange(operation, input, callOptions = {}) {
      return through(
        { client, operation, input, options: callOptions },
        [...client.settings.layers, ...(operation.layers ?? [])],
      )
    },
    call: async (operation, input, callOptions) =>
      (await client.exchange(operation, input, callOptions)).value,
    close: () => client.closing.abort(),
  }
  return client
}

const through = <Input, Output>(
  call: LayeredCall<Input, Output>,
  [layer, ...inner]: readonly Layer<Input, Output>[],
): Promise<Exchange<Output>> =>
  layer ? layer(call, (changed) => through(changed, inner)) : exchange(call)
