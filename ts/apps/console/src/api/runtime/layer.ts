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

/** What a layer wraps: the layers inside of it, and at last the request. */
export type NextLayer<Input, Output> = (
  call: LayeredCall<Input, Output>,
) => Promise<Exchange<Output>>

/** Wraps the calls of one operation, as `/batch` and `/degradation` do. */
export type Layer<Input, Output> = (
  call: LayeredCall<Input, Output>,
  next: NextLayer<Input, Output>,
) => Promise<Exchange<Output>>

/** Wraps every call of a client. */
export type ClientLayer = <Input, Output>(
  call: LayeredCall<Input, Output>,
  next: NextLayer<Input, Output>,
) => Promise<Exchange<Output>>
