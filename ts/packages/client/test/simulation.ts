/** Many calls to a service that fails in every way, in virtual time, with every rule checked. */
import assert from 'node:assert/strict'
import {
  ClientError,
  createClient,
  createHealth,
  type Decoded,
  type Fetch,
  type FetchInit,
  type Operation,
  type WireRequest,
} from '../src/index.ts'
import {
  createModel,
  createModelOnce,
  type Model,
  type ModelInput,
  putModel,
  readModel,
} from './operations.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

const callsPerSeed = 12
const latest = 60_000

const encodeAny = ({ name }: ModelInput): Decoded<WireRequest> => ({
  ok: true,
  value: { path: `/v1/models/${name}` },
})

/** What the checker knows of one call. */
interface Watched {
  readonly name: string
  readonly keyed: boolean
  readonly repeatable: boolean
  readonly begun: number
  readonly deadline: number
  readonly attempts: number
  readonly keys: Set<string | null>
  readonly broken: string[]
  requests: number
  notBefore: number
  settled: boolean
}

export interface SimulationReport {
  calls: number
  requests: number
  retries: number
  waits: number
  timeouts: number
  virtualSeconds: number
}

/** Runs one seed. Throws when a rule is broken. */
export async function simulate(seed: number, report: SimulationReport): Promise<void> {
  const random = seededRandom(seed)
  const clock = new VirtualClock()
  const watched = new Map<string, Watched>()
  const faultRate = random() * 0.9
  const fetch: Fetch = (url, init) =>
    serve(clock, random, faultRate, report, watchedCall(watched, url, init), init)
  const health = createHealth({ clock, random })
  // Without circuits there are more retries, so more to check.
  const always = { enter: () => () => {}, openSeconds: () => 0 }
  const client = createClient({
    baseUrl: 'https://service.test',
    fetch,
    clock,
    random,
    health: seed % 2 ? health : { ...health, breaker: () => always },
  })
  for (let index = 0; index < callsPerSeed; index++) {
    clock.after(random() * latest, () => {
      void begin(index)
    })
  }

  async function begin(index: number): Promise<void> {
    const name = `call-${index}`
    const choices = [
      { ...readModel, encode: encodeAny, layers: [] },
      createModel,
      createModelOnce,
      putModel,
    ]
    const operation: Operation<ModelInput, Model> | undefined = choices[Math.floor(random() * 4)]
    assert.ok(operation)
    const deadlineSeconds = 0.5 + random() * 20
    const call: Watched = {
      name,
      keyed: operation.idempotency === 'key',
      repeatable: operation.idempotency !== 'none',
      begun: clock.now(),
      deadline: clock.now() + deadlineSeconds * 1000,
      attempts: 1 + Math.floor(random() * 4),
      keys: new Set(),
      broken: [],
      requests: 0,
      notBefore: 0,
      settled: false,
    }
    watched.set(name, call)
    report.calls++
    const attemptSeconds = 0.5 + random() * 10
    const options = { deadlineSeconds, attemptSeconds, attempts: call.attempts }
    try {
      await client.call(operation, { name, version: 1 }, options)
    } catch (error) {
      if (!ClientError.isInstance(error)) call.broken.push(`${name} failed with ${String(error)}`)
      else if (error.attempts > call.attempts) call.broken.push(`${name} counts too many attempts`)
      else if (error.kind === 'timeout') report.timeouts++
    }
    call.settled = true
    if (clock.now() > call.deadline + 0.001) call.broken.push(`${name} ended after its deadline`)
  }

  await clock.run()
  assert.equal(watched.size, callsPerSeed)
  for (const call of watched.values()) {
    assert.deepEqual(call.broken, [])
    assert.ok(call.settled, `${call.name} never ended`)
    assert.ok(call.requests <= 1 || call.keys.size === 1, `${call.name} changed its key`)
  }
  report.virtualSeconds += clock.now() / 1000
}

/** Finds the call that a request belongs to, and checks that the request may be sent at all. */
function watchedCall(watched: Map<string, Watched>, url: string, init: FetchInit): Watched {
  const named = typeof init.body === 'string' ? init.body : url
  const call = watched.get(/call-\d+/.exec(named)?.[0] ?? '')
  if (!call) throw new Error(`an unknown request was sent: ${url}`)
  return call
}

function serve(
  clock: VirtualClock,
  random: () => number,
  faultRate: number,
  report: SimulationReport,
  call: Watched,
  init: FetchInit,
): Promise<Response> {
  const key = init.headers.get('idempotency-key')
  call.requests++
  call.keys.add(key)
  report.requests++
  if (call.requests > 1) report.retries++
  // Noted and not thrown: to the client a throw would be a failure of the network.
  const rules: readonly (readonly [kept: boolean, broken: string])[] = [
    [(key !== null) === call.keyed, 'has the wrong key'],
    [call.repeatable || call.requests === 1, 'was repeated without a key'],
    [call.requests <= call.attempts, 'was sent too often'],
    [clock.now() < call.deadline, 'was sent after its deadline'],
    [clock.now() >= call.notBefore, 'was sent before Retry-After'],
    [!init.signal.aborted, 'was sent although it was over'],
  ]
  for (const [kept, broken] of rules) if (!kept) call.broken.push(`${call.name} ${broken}`)
  const fault = random() < faultRate ? Math.floor(random() * 9) : -1
  return new Promise((resolve, reject) => {
    init.signal.addEventListener('abort', () => reject(init.signal.reason))
    const soon = 5 + random() * 200
    const respond = (status: number, body: string, headers: Record<string, string> = {}) =>
      resolve(new Response(body, { status, headers }))
    const good = () => respond(200, '{"name":"x","version":1}')
    const wait = (header: string, milliseconds: number) => {
      report.waits++
      call.notBefore = clock.now() + milliseconds
      respond(random() < 0.5 ? 429 : 503, '{}', { 'retry-after': header })
    }
    const faults = (seconds: number, date: number): readonly (() => void)[] => [
      () => reject(new TypeError('the connection was reset')),
      () => respond(500, '<html>', { 'content-type': 'text/html' }),
      () => respond(503, ''),
      () => wait(`${seconds}`, seconds * 1000),
      () => wait(new Date(date).toUTCString(), date - clock.date()),
      () => clock.after(15_000, good),
      () => {}, // never answered
      () => resolve(new Response(brokenBody(), { status: 200 })),
      () => respond(404, '{"title":"No","status":404,"detail":"No."}'),
    ]
    clock.after(soon, () => {
      const seconds = Math.floor(random() * 8)
      // The dates of HTTP have whole seconds.
      const date = Math.ceil(clock.date() / 1000 + seconds) * 1000
      const answer = faults(seconds, date)[fault] ?? good
      answer()
    })
  })
}

/** A body that is cut in the middle. */
const brokenBody = () =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"name":'))
      controller.error(new TypeError('the connection was cut'))
    },
  })
