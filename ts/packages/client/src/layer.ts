import type { CallOptions, Exchange } from './call.ts'
import type { Client } from './client.ts'
import type { Operation } from './operation.ts'

/** One call on its way through the layers. */
export interface LayeredCall<Input, Output> {
  readonly client: Client
  readonly operation: Operation<Input, Output>
  readonly input: Input
  readonly options: CallOptions
}

/** Wraps the calls of one operation, as `/batch` and `/degradation` do. */
export type Layer<Input, Output> = (
  call: LayeredCall<Input, Output>,
  next: (call: LayeredCall<Input, Output>) => Promise<Exchange<Output>>,
) => Promise<Exchange<Output>>

/** Wraps every call of a client. */
export type ClientLayer = <Input, Output>(
  call: LayeredCall<Input, Output>,
  next: (call: LayeredCall<Input, Output>) => Promise<Exchange<Output>>,
) => Promise<Exchange<Output>>
