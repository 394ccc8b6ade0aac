import type { CallOptions, Exchange } from './call.ts'
import { exchange } from './exchange.ts'
import type { NextLayer } from './layer.ts'
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
    exchange<Input, Output>(
      operation: Operation<Input, Output>,
      input: Input,
      callOptions: CallOptions = {},
    ) {
      const layers = [...client.settings.layers, ...(operation.layers ?? [])]
      return layers.reduceRight<NextLayer<Input, Output>>(
        (next, layer) => (call) => layer(call, next),
        exchange,
      )({ client, operation, input, options: callOptions })
    },
    call: async (operation, input, callOptions) =>
      (await client.exchange(operation, input, callOptions)).value,
    close: () => client.closing.abort(),
  }
  return client
}
