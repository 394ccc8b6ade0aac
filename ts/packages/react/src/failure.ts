/** What failed: the kinds of the generated client, or `unexpected` for any other error. */
export type FailureKind =
  | 'network'
  | 'timeout'
  | 'aborted'
  | 'circuit-open'
  | 'problem'
  | 'undecodable'
  | 'invalid-request'
  | 'unexpected'

/** What a person can be told of an error. */
export interface Failure {
  readonly kind: FailureKind
  /** One sentence. */
  readonly sentence: string
  /** What to quote to support: the request id, or the digest that Next.js logs on its server. */
  readonly requestId: string | undefined
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** Whether trying the same again may help. */
  readonly canRetry: boolean
}

interface Known {
  readonly kind?: unknown
  readonly sentence?: unknown
  readonly requestId?: unknown
  readonly status?: unknown
  readonly retryAfterSeconds?: unknown
  readonly digest?: unknown
}

// The runtime is copied into each generated client. Its mark on errors is the same in every copy.
const brand = Symbol.for('lockstitch.error')

const kinds: ReadonlySet<unknown> = new Set<FailureKind>([
  'network',
  'timeout',
  'aborted',
  'circuit-open',
  'problem',
  'undecodable',
  'invalid-request',
])

const isKind = (value: unknown): value is FailureKind => kinds.has(value)
const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
const number = (value: unknown) => (typeof value === 'number' ? value : undefined)

/** Refused for good: the same request will be refused again. */
const isFinal = (kind: FailureKind, status = 0) =>
  kind === 'invalid-request' ||
  // The page of a failing proxy is undecodable too, and passes like any other failure.
  (/^(problem|undecodable)$/.test(kind) && status < 500 && ![408, 425, 429].includes(status))

/** The error, unless it is left from a reader who went away: who reads now is asking anew. */
export const withoutAbort = (error: unknown): unknown =>
  describeFailure(error).kind === 'aborted' ? undefined : error

/**
 * Says what a person can be told of an error. Errors of a generated client are understood whichever
 * copy of the runtime made them; of any other error nothing is shown.
 */
export function describeFailure(error: unknown): Failure {
  const known: Known = Object(error)
  const kind = Reflect.get(Object(error), brand)
  if (!isKind(kind)) {
    return {
      kind: 'unexpected',
      sentence: 'Something went wrong.',
      requestId: text(known.digest),
      status: undefined,
      retryAfterSeconds: undefined,
      canRetry: true,
    }
  }
  const status = number(known.status)
  return {
    kind,
    sentence: text(known.sentence) ?? 'Something went wrong.',
    requestId: text(known.requestId),
    status,
    retryAfterSeconds: number(known.retryAfterSeconds),
    canRetry: !isFinal(kind, status),
  }
}
