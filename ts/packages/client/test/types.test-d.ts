/** What the compiler must know. Checked by `npm run check` with each supported TypeScript. */

import { type Selection, selectFields } from '../src/fields.ts'
import type {
  Client,
  ClientError,
  ClientOptions,
  Decode,
  Fetch,
  Operation,
  ProblemError,
  ProblemOf,
  StreamItem,
  TransportError,
} from '../src/index.ts'
import { createClient, openStream, TimeoutError } from '../src/index.ts'
import { isFailureOf, result } from '../src/result.ts'
import {
  type Model,
  type Problem,
  type ReadModelProblems,
  readModel,
  type Token,
  watchTokens,
} from './operations.ts'

type Equal<Left, Right> =
  (<Value>() => Value extends Left ? 1 : 2) extends <Value>() => Value extends Right ? 1 : 2
    ? true
    : false
type Accepts<Wide, Narrow> = [Narrow] extends [Wide] ? true : false

/** Compiles only for `true`. */
const holds = <Fact extends true>(fact?: Fact) => fact
/** Compiles only for `false`. */
const fails = <Fact extends false>(fact?: Fact) => fact

const client = createClient({ baseUrl: '' })

// A call gives the output of its operation and takes its input.
const called = client.call(readModel, { name: 'x' })
holds<Equal<typeof called, Promise<Model>>>()
type ReadInput = Parameters<typeof readModel.encode>[0]
fails<Accepts<ReadInput, { readonly title: string }>>()
fails<Accepts<ReadInput, undefined>>()

// The global fetch fits, and so does every client option that says it is optional.
holds<Accepts<Fetch, typeof globalThis.fetch>>()
holds<Accepts<ClientOptions, { baseUrl: string }>>()
fails<Accepts<ClientOptions, { baseUrl: string; attempts: undefined }>>()
fails<Accepts<ClientOptions, { attempts: number }>>()

// Declared problems are a union that the status discriminates.
type Problems = ProblemOf<ReadModelProblems>
holds<Equal<Extract<Problems, { status: 404 }>['problem'], Problem>>()
holds<
  Equal<
    ProblemOf<{ 404: string; 409: number }>,
    ProblemError<404, string> | ProblemError<409, number>
  >
>()

export async function narrowing(): Promise<void> {
  const outcome = await result(client, readModel, { name: 'x' })
  if (outcome.ok) {
    holds<Equal<typeof outcome.value, Model>>()
    return
  }
  holds<Equal<typeof outcome.error, TransportError | ProblemOf<ReadModelProblems>>>()
  switch (outcome.error.kind) {
    case 'problem':
      if (outcome.error.status === 404) holds<Equal<typeof outcome.error.problem, Problem>>()
      break
    case 'undecodable':
    case 'invalid-request':
      holds<Equal<(typeof outcome.error.issues)[number]['pointer'], string>>()
      break
    case 'network':
    case 'timeout':
    case 'aborted':
    case 'circuit-open':
      break
    default:
      // Every kind is handled above.
      holds<Equal<typeof outcome.error, never>>()
  }
}

export function guards(error: unknown): void {
  if (TimeoutError.isInstance(error)) holds<Equal<typeof error.kind, 'timeout'>>()
  if (isFailureOf(readModel, error)) {
    holds<Equal<typeof error, TransportError | ProblemOf<ReadModelProblems>>>()
  }
}

// Each declared failure needs its decoder, and the right one.
type Failing = Operation<undefined, Model, { 404: Problem }>['failures']
holds<Accepts<Failing, { 404: Decode<Problem> }>>()
fails<Accepts<Failing, { 409: Decode<Problem> }>>()
fails<Accepts<Failing, { 404: Decode<string> }>>()
fails<Accepts<Operation<undefined, Model>['outputs'], { 200: Decode<string> }>>()

// Streams tell events, gaps and ends apart.
export async function streaming(): Promise<void> {
  for await (const item of openStream(client, watchTokens, undefined)) {
    holds<Equal<typeof item, StreamItem<Token>>>()
    if (item.kind === 'event') holds<Equal<typeof item.value, Token>>()
    if (item.kind === 'gap') holds<Equal<typeof item.to, string>>()
    if (item.kind === 'end') holds<Equal<typeof item.count, number>>()
  }
}

// Selected fields are the only ones there.
export function selecting(selection: Selection<Model>): void {
  const { decode } = selectFields(selection, ['name'])
  holds<Equal<typeof decode, Decode<Pick<Model, 'name'>>>>()
}

holds<Accepts<ClientError, TimeoutError>>()
holds<Accepts<{ close(): void }, Client>>()
