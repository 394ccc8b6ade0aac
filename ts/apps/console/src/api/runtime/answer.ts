import { retryAfter } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Decode, Decoded } from './decoded.ts'
import { type ErrorContext, ProblemError, UndecodableError } from './errors.ts'
import type { Answers } from './operation.ts'

/** The entry of a table by status: the status itself, its range, or the default. */
export const forStatus = <Entry>(
  table: Readonly<Record<string, Entry>>,
  status: number,
): Entry | undefined => table[status] ?? table[`${(status / 100) | 0}XX`] ?? table.default

/** Reads the whole body in the form that its decoder wants. */
export const read = (
  { body }: Pick<Answers<unknown>, 'body'>,
  response: Response,
): Promise<string | Blob> =>
  response.status < 300 && body === 'blob' ? response.blob() : response.text()

/** The decoded value of a success; throws what the contract says about anything else. */
export function outputOf<Output>(
  { outputs, failures, body: kind }: Answers<Output>,
  body: string | Blob,
  context: ErrorContext & { readonly status: number },
): Output {
  const { status } = context
  if (status < 300) {
    const value = kind ? body : checked(parseJson(body), context)
    return checked(decodeAs(outputs, status, value), context)
  }
  const json = parseJson(body)
  // Kept as it came: a proxy's page, or a failure that the contract is silent about.
  const said = { ...context, problem: json.ok ? json.value : body }
  const problem = checked(decodeAs(failures, status, said.problem), said)
  throw new ProblemError({ ...context, problem })
}

/** What the decoder of a status makes of a value. */
const decodeAs = <Value>(
  table: Readonly<Record<string, Decode<Value>>>,
  status: number,
  value: unknown,
): Decoded<Value> => forStatus(table, status)?.(value) ?? refused('status', 'is not declared')

/** The decoded value; throws `UndecodableError` with the issues of one that is refused. */
export function checked<Value>(decoded: Decoded<Value>, context: ErrorContext): Value {
  if (decoded.ok) return decoded.value
  throw new UndecodableError({ ...context, issues: decoded.issues })
}

/** Parses JSON; no text is `undefined`. */
export const parseJson = (text: unknown): Decoded<unknown> => {
  try {
    return { ok: true, value: text ? JSON.parse(`${text}`) : undefined }
  } catch {
    return refused('json', 'is not JSON')
  }
}

export const refused = (rule: string, message: string) =>
  ({ ok: false, issues: [{ pointer: '', message, rule }] }) as const

/** What errors about an answer are to say. */
export function contextOf<Context extends ErrorContext>(
  facts: Context,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  clock: Clock,
): Context & { readonly status: number } {
  return {
    ...facts,
    status,
    requestId: headers.get('x-request-id') ?? facts.requestId,
    retryAfterSeconds: retryAfter(headers, clock),
  }
}
