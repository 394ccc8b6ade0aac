/** The simulation's rules and faults once more, in real time, over real connections. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientError, createClient, type Operation } from '../src/index.ts'
import {
  type Answering,
  cutBody,
  hangUp,
  html,
  json,
  problem,
  type SeenRequest,
  silence,
  slow,
  startServer,
} from './failing-server.ts'
import {
  createModel,
  createModelOnce,
  type Model,
  type ModelInput,
  putModel,
} from './operations.ts'
import { seededRandom } from './virtual-clock.ts'

const calls = 150
const faultRate = 0.6
/** For what a busy machine does between a rule and its check. */
const slackMilliseconds = 500

interface Watched {
  readonly operation: Operation<ModelInput, Model>
  readonly begun: number
  readonly deadline: number
  readonly attempts: number
  readonly keys: Set<string>
  requests: number
  notBefore: number
}

const good = json(200, { name: 'x', version: 1 })

test('no rule is broken against a server that fails in nine ways', async (t) => {
  const random = seededRandom(7)
  const watched = new Map<string, Watched>()
  const broken: string[] = []
  const counts = { waits: 0, retries: 0, timeouts: 0, successes: 0 }

  /** Asks to be left alone, in one of the two spellings. */
  const wait =
    (call: Watched): Answering =>
    (response, request) => {
      const seconds = Math.floor(random() * 2)
      const date = (Math.floor(Date.now() / 1000) + seconds) * 1000
      const asDate = random() < 0.5
      counts.waits++
      call.notBefore = performance.now() + (asDate ? date - Date.now() : seconds * 1000)
      const header = asDate ? new Date(date).toUTCString() : `${seconds}`
      problem(random() < 0.5 ? 429 : 503, 'Later.', { 'retry-after': header })(response, request)
    }

  function check(call: Watched, { headers, at }: SeenRequest): void {
    const key = headers['idempotency-key']
    call.requests++
    call.keys.add(`${key}`)
    if (call.requests > 1) counts.retries++
    const { idempotency } = call.operation
    const rules: readonly (readonly [kept: boolean, rule: string])[] = [
      [(key !== undefined) === (idempotency === 'key'), 'has the wrong key'],
      [call.keys.size === 1, 'changed its key'],
      [idempotency !== 'none' || call.requests === 1, 'was repeated without a key'],
      [call.requests <= call.attempts, 'was sent too often'],
      [at < call.deadline + slackMilliseconds, 'was sent after its deadline'],
      [at >= call.notBefore, 'was sent before Retry-After'],
    ]
    for (const [kept, rule] of rules) if (!kept) broken.push(`${call.operation.method} ${rule}`)
  }

  const server = await startServer(t)
  server.answer((response, request) => {
    const call = watched.get(/call-\d+/.exec(request.body)?.[0] ?? '')
    if (!call) throw new Error('an unknown request was sent')
    check(call, request)
    const faults: readonly Answering[] = [
      hangUp,
      html(500),
      (failing) => failing.writeHead(503).end(),
      wait(call),
      wait(call),
      slow(5000, good),
      silence,
      cutBody,
      problem(404, 'No.'),
    ]
    const answer = random() < faultRate ? faults[Math.floor(random() * faults.length)] : good
    answer?.(response, request)
  })

  async function make(index: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, random() * 3000))
    const operation = [createModel, createModelOnce, putModel][index % 3] ?? createModel
    const deadlineSeconds = 0.3 + random() * 2
    const attempts = 1 + Math.floor(random() * 4)
    const begun = performance.now()
    const deadline = begun + deadlineSeconds * 1000
    const call: Watched = {
      operation,
      begun,
      deadline,
      attempts,
      keys: new Set(),
      requests: 0,
      notBefore: 0,
    }
    const name = `call-${index}`
    watched.set(name, call)
    // A client of its own: an open circuit would leave little to check.
    const client = createClient({ baseUrl: server.url, attempts, deadlineSeconds })
    const options = { attemptSeconds: 0.2 + random() * 0.4 }
    const failed = await client.call(operation, { name, version: 1 }, options).then(
      () => counts.successes++ < 0,
      ({ kind }: ClientError) => kind,
    )
    if (failed === 'timeout') counts.timeouts++
    if (failed === undefined) broken.push('failed with an error of another kind')
    if (performance.now() > deadline + slackMilliseconds) broken.push('ended after its deadline')
  }

  await Promise.all(Array.from({ length: calls }, (_, index) => make(index)))
  t.diagnostic(JSON.stringify({ ...counts, requests: server.requests.length }))
  assert.deepEqual(broken, [])
  // It must not pass because nothing happened.
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 3, what)
})
