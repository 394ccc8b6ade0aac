import type { CallOptions } from './call.ts'
import type { Decode, Decoded } from './decoded.ts'
import type { ProblemError } from './errors.ts'
import type { Layer } from './layer.ts'

export type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'QUERY'

/** What an encoder makes of the typed input: the parts of the request, in wire names. */
export interface WireRequest {
  /** The path with its parameters filled in and percent-encoded. */
  readonly path: string
  /** Query parameters in order; a name may occur more than once. */
  readonly query?: [name: string, value: string][]
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as `application/json`. Give `json` or `body`, not both. */
  readonly json?: unknown
  /** Sent as it is: FormData, URLSearchParams, Blob, bytes or text. */
  readonly body?: RequestBody
}

export type RequestBody = FormData | URLSearchParams | Blob | ArrayBuffer | string

/** Body types of the declared failures, by status: `{ 404: Problem; default: Problem }`. */
export type Failures = object

/** A status, a range such as `5XX`, or `default`, as the contract spells it. */
type StatusOf<Key> = Key extends number ? Key : number

/** One decoder for each declared failure. */
export type FailureDecoders<Declared extends Failures> = Readonly<
  Record<string, Decode<unknown>>
> & { readonly [Key in keyof Declared]: Decode<Declared[Key]> }

/** The problem errors that an operation declares: a union that `status` discriminates. */
export type ProblemOf<Declared extends Failures> = {
  [Key in keyof Declared]: ProblemError<StatusOf<Key>, Declared[Key]>
}[keyof Declared]

/** What makes a request: an operation or a stream. */
export interface Requester<Input> {
  /** The operation id of the contract. */
  readonly id: string
  readonly method: Method
  /** The path template. Hooks see this and never the filled-in path. */
  readonly path: string
  /** What is called in one group shares a circuit breaker. */
  readonly group: string
  /** Refuses an invalid input before anything is sent. */
  readonly encode: (input: Input) => Decoded<WireRequest>
  /**
   * `natural`: repeating is harmless. `key`: sent with an Idempotency-Key, so repeating is
   * harmless. `none`: never repeated.
   */
  readonly idempotency: 'natural' | 'key' | 'none'
}

/** How the answers of an operation are read. */
export interface Answers<Output> {
  /** Decoders of success bodies by status: `200`, `2XX` or `default`. No body is `undefined`. */
  readonly outputs: Readonly<Record<string, Decode<Output>>>
  /** Decoders of problem bodies, which are JSON, by status: `404`, `5XX` or `default`. */
  readonly failures: Readonly<Record<string, Decode<unknown>>>
  /** How a success body is read. @default parsed as JSON */
  readonly body?: 'text' | 'blob'
}

/**
 * Everything the runtime must know about one operation of the contract.
 *
 * @example
 * ```ts
 * const readModel: Operation<{ name: string }, Model, { 404: Problem; default: Problem }> = {
 *   id: 'readModel',
 *   method: 'GET',
 *   path: '/v1/models/{name}',
 *   group: 'models',
 *   idempotency: 'natural',
 *   encode: encodeReadModel,
 *   outputs: { 200: decodeModel },
 *   failures: { 404: decodeProblem, default: decodeProblem },
 * }
 * ```
 */
export interface Operation<Input, Output, Declared extends Failures = object>
  extends Requester<Input>,
    Answers<Output> {
  /** Decoders of the problem bodies by status. */
  readonly failures: FailureDecoders<Declared>
  /** What wraps the call: `batchTwin` of `/batch`, `staleOnError` of `/degradation`. */
  readonly layers?: readonly Layer<Input, Output>[]
  /** Overrides of the client's defaults, such as a longer deadline for uploads. */
  readonly defaults?: Pick<CallOptions, 'deadlineSeconds' | 'attemptSeconds' | 'attempts'>
}

/** A server-sent stream of the contract. Opening one again is harmless: nothing is written. */
export interface StreamOperation<Input, Event>
  extends Requester<Input>,
    Pick<Answers<never>, 'failures' | 'body'> {
  /** Decodes one event. It is given `{ type, data }`. */
  readonly decode: Decode<Event>
}
