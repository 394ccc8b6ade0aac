import { forStatus } from './answer.ts'
import type { CallOptions } from './call.ts'
import type { Client } from './client.ts'
import { ClientError, type TransportError } from './errors.ts'
import type { Failures, Operation, ProblemOf } from './operation.ts'

/** The outcome of a call as a value; `error` is a union that `kind` and `status` discriminate. */
export type Result<Output, Declared extends Failures> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly error: TransportError | ProblemOf<Declared> }

/** Whether the error is a failure that the types of the operation tell of. */
export const isFailureOf = <Input, Output, Declared extends Failures>(
  { failures }: Operation<Input, Output, Declared>,
  error: unknown,
): error is TransportError | ProblemOf<Declared> =>
  ClientError.isInstance(error) &&
  (error.kind !== 'problem' || forStatus(failures, error.status ?? 0) !== undefined)

/**
 * Makes a call and gives its outcome as a value, with the declared problems as types.
 *
 * @example
 * ```ts
 * const outcome = await result(client, readModelOperation, { name })
 * if (!outcome.ok && outcome.error.kind === 'problem' && outcome.error.status === 404) ...
 * ```
 */
export async function result<Input, Output, Declared extends Failures>(
  client: Client,
  operation: Operation<Input, Output, Declared>,
  input: Input,
  options?: CallOptions,
): Promise<Result<Output, Declared>> {
  try {
    return { ok: true, value: await client.call(operation, input, options) }
  } catch (error) {
    if (isFailureOf(operation, error)) return { ok: false, error }
    throw error
  }
}
