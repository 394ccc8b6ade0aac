import type { ProblemError, TransportError, UndecodableError } from '#api/runtime/index.ts'
import type { Problem, ProblemReason } from '#api/types.ts'

/** What a call can fail with; `kind` tells which. Every operation declares the same problem. */
export type Failure = TransportError | ProblemError<number, Problem>

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: Failure
  }
}

const SIGN_IN_REQUIRED = 'urn:lockstitch:problem:sign-in-required'

/** Whether nobody is signed in any more. */
export function isSignInRequired(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.problem.type === SIGN_IN_REQUIRED
}

// What a session that has changed elsewhere is told: its person was removed, or is to confirm.
const SESSION_CHANGES: ReadonlySet<string> = new Set([
  'urn:lockstitch:problem:no-organisation',
  'urn:lockstitch:problem:email-not-confirmed',
])

/** Whether the session is no longer what the page takes it for. */
export function isSessionChange(failure: Failure): boolean {
  return failure.kind === 'problem' && SESSION_CHANGES.has(failure.problem.type)
}

const WRONG_CREDENTIALS = 'urn:lockstitch:problem:wrong-credentials'

/** Whether the password that was sent as a proof is another. */
export function isWrongPassword(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.problem.type === WRONG_CREDENTIALS
}

/** Whether the request was understood and refused, so that asking again changes nothing. */
export function isRefusal(failure: Failure): boolean {
  if (failure.kind === 'problem') return failure.status < 500
  return failure.kind === 'invalid-request'
}

/** The refused places of a request, empty for every other failure. */
export function reasonsOf(failure: Failure): readonly ProblemReason[] {
  if (failure.kind === 'problem') return failure.problem.errors ?? []
  // What is refused before it is sent is a form's body: paths and queries are the console's own.
  if (failure.kind !== 'invalid-request') return []
  return failure.issues.map(({ pointer, rule }) => ({
    in: 'body',
    pointer,
    rule,
    message: `Should be ${rule}.`,
  }))
}

/** The id by which the server's log knows the request; null where the server never answered. */
export function requestIdOf(failure: Failure): string | null {
  return failure.status === undefined ? null : failure.requestId
}

/** What a person reads about a failure. */
export function sentenceOf(failure: Failure): string {
  switch (failure.kind) {
    case 'network':
      return 'The server cannot be reached. Check the connection, then try again.'
    case 'timeout':
      return 'The server did not answer in time. Try again.'
    case 'aborted':
      return 'The request was given up. Try again.'
    case 'circuit-open':
      return 'The server has been failing, so nothing was sent. Try again in a few seconds.'
    case 'problem':
      return failure.problem.detail
    case 'undecodable':
      return unexpectedAnswer(failure)
    case 'invalid-request':
      return `This is no valid request (at ${placeOf(failure.issues)}). Check the address.`
    default:
      return 'Something went wrong on this page. Reload it.'
  }
}

function unexpectedAnswer({ status = 200, issues }: UndecodableError): string {
  if (status >= 400) return `The server answered with status ${status}. Try again.`
  return `The answer is not what this page expects (at ${placeOf(issues)}). Reload the page.`
}

function placeOf(issues: readonly { readonly pointer: string }[]): string {
  return issues[0]?.pointer || 'the top'
}
