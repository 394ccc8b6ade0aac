/**
 * ClientError
 * ├── NetworkError         no answer arrived: no connection, or it was cut
 * ├── TimeoutError         the deadline, or the time of the last attempt, has passed
 * ├── AbortedError         the caller has given up
 * ├── CircuitOpenError     not sent, because the service has been failing
 * ├── ProblemError         the service refused or failed, with a declared body
 * ├── UndecodableError     the answer is not what the contract says
 * └── InvalidRequestError  not sent, because the input is not what the contract says
 */
import type { Issue } from './decoded.ts'

/** What to tell a person, by the kind of the error. */
const sentences = {
  network: 'The service cannot be reached.',
  timeout: 'The service took too long.',
  aborted: 'The request was cancelled.',
  'circuit-open': 'The service is failing.',
  problem: 'The service failed.',
  undecodable: 'The service sent an unexpected answer.',
  'invalid-request': 'The request was not valid.',
}

export type ErrorKind = keyof typeof sentences

/** What every error knows about the call that failed. */
export interface ErrorContext {
  /** The operation id of the contract. */
  readonly operation: string
  /** The service's request id, or the call's own id when nothing was answered. */
  readonly requestId: string
  /** How many attempts were made. */
  readonly attempts: number
  /** The status of the answer, where there was one. */
  readonly status?: number
  /** How long the service asked to wait, or until the circuit lets a call through. */
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/** A value with issues says in its message where they are. */
interface Details {
  readonly status?: number
  readonly issues?: readonly Issue[]
  readonly problem?: unknown
}

// A registered symbol is the same in every copy of this package, where `instanceof` is not.
const brand = Symbol.for('lockstitch.error')

/** Any failure of a call. `kind` tells which. */
export abstract class ClientError<Extra extends Details = object> extends Error {
  declare static readonly kind: ErrorKind | undefined
  declare readonly kind: ErrorKind
  declare readonly operation: string
  declare readonly requestId: string
  declare readonly attempts: number
  declare readonly status?: number
  declare readonly retryAfterSeconds?: number | undefined
  /** One sentence to show to a person. `message` is for the log. */
  declare readonly sentence: string

  constructor(context: ErrorContext & Extra) {
    const kind = new.target.kind ?? 'network'
    const issues = context.issues?.map(({ pointer, message }) => `${pointer} ${message}`)
    super([context.operation, kind, context.status, issues].join(' '))
    Object.assign(this, context, { kind, [brand]: kind, sentence: sentenceOf(kind, context) })
  }

  /** Like `instanceof`, but true for an error of another copy of this package as well. */
  static isInstance<Instance extends ClientError>(
    this: (abstract new (context: never) => Instance) & { readonly kind: ErrorKind | undefined },
    value: unknown,
  ): value is Instance {
    const { [brand]: kind }: { [brand]?: unknown } = Object(value)
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked, most often a subclass
    return !!kind && (this.kind ?? kind) === kind
  }
}

/** No answer arrived: no connection, or it was cut before the end. */
export class NetworkError extends ClientError {
  static override readonly kind = 'network'
  declare readonly kind: 'network'
}

/** The deadline of the call, or the time of its last attempt, has passed. */
export class TimeoutError extends ClientError {
  static override readonly kind = 'timeout'
  declare readonly kind: 'timeout'
}

/** The caller has given up; usually not worth showing. */
export class AbortedError extends ClientError {
  static override readonly kind = 'aborted'
  declare readonly kind: 'aborted'
}

/** Nothing was sent, because recent calls have failed. */
export class CircuitOpenError extends ClientError {
  static override readonly kind = 'circuit-open'
  declare readonly kind: 'circuit-open'
}

/** The service answered with a failure whose body the contract declares. */
export class ProblemError<Status extends number = number, Body = unknown> extends ClientError<{
  readonly status: Status
  readonly problem: Body
}> {
  static override readonly kind = 'problem'
  declare readonly kind: 'problem'
  declare readonly status: Status
  declare readonly problem: Body
}

/**
 * The answer is not what the contract says; `issues` tells where. With a `status` of 400 or more it
 * is a failure whose status or body the contract does not declare, such as the page of a proxy.
 */
export class UndecodableError extends ClientError<{ readonly issues: readonly Issue[] }> {
  static override readonly kind = 'undecodable'
  declare readonly kind: 'undecodable'
  declare readonly issues: readonly Issue[]
  /** What such a failure says, unchecked: its JSON, or its text where that is no JSON. */
  declare readonly problem?: unknown
}

/** Nothing was sent, because the input is not what the contract says; `issues` tells where. */
export class InvalidRequestError extends ClientError<{ readonly issues: readonly Issue[] }> {
  static override readonly kind = 'invalid-request'
  declare readonly kind: 'invalid-request'
  declare readonly issues: readonly Issue[]
}

/** Every failure of an operation that is not one of its declared problems. */
export type TransportError =
  | NetworkError
  | TimeoutError
  | AbortedError
  | CircuitOpenError
  | UndecodableError
  | InvalidRequestError

/** The cause itself where it is one of these errors; else the network failed. */
export const asClientError = (context: ErrorContext, cause: unknown): ClientError =>
  ClientError.isInstance(cause) ? cause : new NetworkError({ ...context, cause })

/** The service's own words for a refusal; never those for a crash, which are not for people. */
function sentenceOf(kind: ErrorKind, { status = 0, problem }: Details): string {
  if (status >= 500) return sentences.problem
  const { detail, title }: { detail?: unknown; title?: unknown } = Object(problem)
  return [detail, title].find((words) => typeof words === 'string') ?? sentences[kind]
}
