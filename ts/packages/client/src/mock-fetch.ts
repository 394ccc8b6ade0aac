/**
 * A `fetch` that answers from the contract instead of the network, for tests and stories.
 *
 * @module
 */
import { isArray, type Json, mockValue, type Recipe } from './mock-values.ts'

/**
 * What the recipe of a stream makes: a line of JSON; a server-sent event as it travels, with text
 * for `data`; its data; its type and data; or these in frames that have a position and an end.
 */
type StreamKind = 'lines' | 'events' | 'data' | 'typed' | 'positions'

/** One way to answer an operation. */
export interface MockAnswer {
  /** A status of the contract: `200`, `4XX` or `default`. */
  readonly status: string
  readonly kind: 'json' | 'text' | 'binary' | 'empty' | StreamKind
  readonly mediaType?: string
  readonly recipe?: Recipe
  readonly headers?: Readonly<Record<string, Recipe>>
}

/** The answers of one operation. */
export interface OperationMock {
  readonly id: string
  /** The operation as the document calls it, which is part of the seed. */
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly answers: readonly MockAnswer[]
}

/** What should happen instead of a success. */
export interface MockScenario {
  /** A status that the contract declares. @default the success */
  readonly status?: number
  /** How long the answer takes. @default 0 */
  readonly delaySeconds?: number
  /**
   * `json` breaks the body off, `html` answers the page of a failed proxy, `network` no answer.
   * @default none
   */
  readonly malformed?: 'json' | 'html' | 'network'
}

export interface MockOptions {
  /** Another seed, other values. @default 1 */
  readonly seed?: number
  /** Where the paths begin, such as `/api`. @default '' */
  readonly basePath?: string
  /** What should happen, by the name of the operation. @default successes */
  readonly scenarios?: Readonly<Record<string, MockScenario>>
}

interface Found {
  readonly mock: OperationMock
  readonly values: readonly string[]
}

const EVENTS = 3
const HTML = '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>'

/**
 * A `fetch` for the given operations. Any other request is an error, so that no test reaches the
 * network by mistake.
 *
 * @example
 * ```ts
 * const fetch = mockFetch([getModelMock], { scenarios: { getModel: { status: 404 } } })
 * ```
 */
export function mockFetch(
  mocks: readonly OperationMock[],
  options: MockOptions = {},
): typeof fetch {
  const { seed = 1, basePath = '', scenarios = {} } = options
  return async (input, init) => {
    // A relative address has no meaning outside a page, and only its path counts here.
    const address = input instanceof Request ? input : new URL(input, 'http://localhost')
    const request = new Request(address, init)
    const url = new URL(request.url)
    const found = find(mocks, request.method, url.pathname, basePath)
    if (!found) throw new TypeError(`No mock answers ${request.method} ${url.pathname}.`)
    const { delaySeconds = 0, malformed, ...asked } = scenarios[found.mock.id] ?? {}
    await waited(delaySeconds, request.signal)
    if (malformed === 'network') throw new TypeError('fetch failed')
    if (malformed === 'html') {
      return new Response(HTML, { status: 502, headers: { 'content-type': 'text/html' } })
    }
    const answer = choose(found.mock, asked.status, request.headers.get('accept') ?? '')
    const key = await seedText(seed, found, answer, request, url)
    const body = bodyOf(answer, key)
    return new Response(malformed === 'json' ? body?.slice(0, body.length / 2) : body, {
      status: asked.status ?? code(answer.status),
      headers: headersOf(answer, key),
    })
  }
}

function find(
  mocks: readonly OperationMock[],
  method: string,
  path: string,
  basePath: string,
): Found | undefined {
  // A path without parameters is meant before one whose parameter would take its place.
  const ordered = [...mocks].sort((one, other) => parameters(one) - parameters(other))
  for (const mock of ordered) {
    const match = mock.method === method && pattern(basePath + mock.path).exec(path)
    if (match) return { mock, values: match.slice(1).map(decodeURIComponent) }
  }
  return undefined
}

function parameters(mock: OperationMock): number {
  return mock.path.split('{').length
}

function pattern(path: string): RegExp {
  const literals = path.split(/\{[^{}]+\}/u)
  const escaped = literals.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`))
  return new RegExp(`^${escaped.join('([^/]+?)')}$`, 'u')
}

function choose(mock: OperationMock, asked: number | undefined, accept: string): MockAnswer {
  const declared = [...new Set(mock.answers.map((answer) => answer.status))].sort()
  const successes = declared.filter((status) => /^2\d\d$/u.test(status))
  const wanted =
    asked === undefined
      ? [...successes, '2XX', 'default', ...declared]
      : [String(asked), `${Math.floor(asked / 100)}XX`, 'default']
  for (const status of wanted) {
    const found = mock.answers.filter((answer) => answer.status === status)
    const fitting = found.find(({ mediaType }) => mediaType && accept.includes(mediaType))
    const answer = fitting ?? found[0]
    if (answer) return answer
  }
  throw new Error(`${mock.id} declares ${declared.join(', ')}, not ${asked ?? 'any answer'}.`)
}

function code(status: string): number {
  if (status === 'default') return 200
  return status.endsWith('XX') ? Number(status[0]) * 100 : Number(status)
}

/** The same request always has the same answer, here and from `lockstitch mock`. */
async function seedText(
  seed: number,
  { mock, values }: Found,
  answer: MockAnswer,
  request: Request,
  url: URL,
): Promise<string> {
  const query = Array.from(url.searchParams, ([name, value]) => `${name}=${value}`).sort()
  const isJson = request.headers.get('content-type')?.includes('json') ?? false
  const body = isJson ? await request.text() : ''
  return [seed, mock.operationId, answer.status, ...values, ...query, body].join('\n')
}

function bodyOf({ kind, recipe }: MockAnswer, seed: string): string | null {
  if (kind === 'empty' || !recipe) return null
  if (kind === 'json') return JSON.stringify(mockValue(recipe, seed))
  if (kind === 'text' || kind === 'binary') return String(mockValue(recipe, seed))
  const places = Array.from({ length: EVENTS }, (_, place) => place)
  const parts = places.map((place) => {
    return streamed(kind, mockValue(recipe, `${seed}\n${place}`), place + 1)
  })
  const end = { event: 'end', data: JSON.stringify({ count: EVENTS, checksum: null }) }
  return [...parts, kind === 'positions' ? frame(end) : ''].join('')
}

function streamed(kind: StreamKind, value: Json, number: number): string {
  const whole = value !== null && typeof value === 'object' && !isArray(value) ? value : {}
  const { type, data = null } = whole
  const position = `mock:${number}`
  switch (kind) {
    case 'lines':
      return `${JSON.stringify(value)}\n`
    case 'data':
      return frame({ data: JSON.stringify(value) })
    case 'typed':
      return frame({ event: String(type), data: JSON.stringify(data) })
    case 'positions': {
      const inner = JSON.stringify({ stream: 'mock', position, ...whole })
      return frame({ event: 'event', id: position, data: inner })
    }
    case 'events':
      return frame(Object.fromEntries(Object.entries(whole).map(([name, one]) => [name, `${one}`])))
  }
}

/** A server-sent event, field by field. */
function frame(fields: Readonly<Record<string, string>>): string {
  const named = ['event', 'id', 'retry'].filter((name) => name in fields)
  const lines = named.map((name) => `${name}: ${fields[name]}\n`)
  const data = (fields.data ?? '').split('\n').map((line) => `data: ${line}\n`)
  return `${[...lines, ...data].join('')}\n`
}

function headersOf({ headers = {}, mediaType }: MockAnswer, seed: string): Headers {
  const found = new Headers()
  for (const [name, recipe] of Object.entries(headers)) {
    const value = mockValue(recipe, `${seed}\n${name.toLowerCase()}`)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    found.set(name, text.replaceAll(/[^\x20-\x7e]/gu, '?'))
  }
  if (mediaType) found.set('content-type', mediaType)
  return found
}

function waited(seconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (seconds === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
