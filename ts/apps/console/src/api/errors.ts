/** One reason why a request was refused, at its place. */
export type Violation = {
  readonly in: string
  readonly pointer: string
  readonly rule: string
  readonly message: string
}

/** An RFC 9457 problem document as the server sends it. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string | null
  readonly requestId: string | null
  readonly errors: readonly Violation[]
}

const PROBLEM_PREFIX = 'urn:lockstitch:problem:'

/** The server refused the request and said why. */
export class ProblemFailure extends Error {
  override readonly name = 'ProblemFailure'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }

  /** Whether the problem is of the given kind, such as `not-found`. */
  is(kind: string): boolean {
    return this.problem.type === PROBLEM_PREFIX + kind
  }
}

/** No answer came: no network, or nobody listens. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure'

  constructor() {
    super('The server cannot be reached. Check the connection, then try again.')
  }
}

/** No answer came in time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'

  constructor(seconds: number) {
    super(`The server did not answer within ${seconds} s. Try again.`)
  }
}

/** An answer came that does not have the promised shape. */
export class UndecodableResponse extends Error {
  override readonly name = 'UndecodableResponse'
  readonly requestId: string | null

  constructor(pointer: string, expected: string, requestId: string | null = null) {
    const place = pointer === '' ? 'the top' : pointer
    super(`The answer is not what this page expects (at ${place}: ${expected}). Reload the page.`)
    this.requestId = requestId
  }
}

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ProblemFailure) return [502, 503, 504].includes(error.problem.status)
  return error instanceof NetworkFailure || error instanceof TimedOut
}

/** Whether the server understood and refused, so that asking again changes nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProblemFailure && error.problem.status < 500
}

/** Whether nobody is signed in any more. */
export function isSignInRequired(error: unknown): boolean {
  return error instanceof ProblemFailure && error.is('sign-in-required')
}

/** What a person reads about any error. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error) return error.message
  return 'Something went wrong on this page. Reload it.'
}

/** The id by which the server's log knows the request, where there is one. */
export function requestIdOf(error: unknown): string | null {
  if (error instanceof ProblemFailure) return error.problem.requestId
  if (error instanceof UndecodableResponse) return error.requestId
  return null
}

/** The refused places of a request, empty for every other error. */
export function violationsOf(error: unknown): readonly Violation[] {
  return error instanceof ProblemFailure ? error.problem.errors : []
}
