import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, createHealth, type Fetch } from '../src/index.ts'
import { readModel } from './operations.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

const outageBegins = 30_000
const outageEnds = 150_000
const over = 180_000

interface Outage {
  /** Requests and calls while the service was down. */
  readonly amplification: number
  /** From the end of the outage to the first success of all, and of the slowest client. */
  readonly firstSuccess: number
  readonly lastFirstSuccess: number
}

/** So many clients, each calling every so often, through an outage of two minutes. */
async function outage(options: {
  readonly seed: number
  readonly clients: number
  readonly everyMilliseconds: number
  readonly status: number
  readonly breaker: boolean
}): Promise<Outage> {
  const random = seededRandom(options.seed)
  const clock = new VirtualClock()
  const isDown = () => clock.now() >= outageBegins && clock.now() < outageEnds
  let calls = 0
  let requests = 0
  const firstSuccesses = Array.from({ length: options.clients }, () => Infinity)
  const fetch: Fetch = () =>
    new Promise((resolve) => {
      if (isDown()) requests++
      clock.after(20, () => {
        const status = isDown() ? options.status : 200
        resolve(new Response('{"name":"x","version":1}', { status }))
      })
    })
  for (let index = 0; index < options.clients; index++) {
    const health = createHealth({ clock, random })
    const client = createClient({
      baseUrl: 'https://service.test',
      fetch,
      clock,
      random,
      health: options.breaker
        ? health
        : { ...health, breaker: () => ({ enter: () => () => {}, openSeconds: () => 0 }) },
    })
    const call = () => {
      if (clock.now() >= over) return
      clock.after(options.everyMilliseconds, call)
      if (isDown()) calls++
      client.call(readModel, { name: 'x' }).then(
        () => {
          const since = clock.now() - outageEnds
          if (since >= 0) firstSuccesses[index] = Math.min(firstSuccesses[index] ?? Infinity, since)
        },
        () => {},
      )
    }
    clock.after(random() * options.everyMilliseconds, call)
  }
  await clock.run()
  return {
    amplification: requests / calls,
    firstSuccess: Math.min(...firstSuccesses) / 1000,
    lastFirstSuccess: Math.max(...firstSuccesses) / 1000,
  }
}

for (const status of [500, 503]) {
  test(`after an outage with ${status} a busy client is back within 5 s`, async (t) => {
    let amplification = 0
    let firstSuccess = 0
    let slowest = 0
    for (let seed = 1; seed <= 2; seed++) {
      // One busy client, such as a server: 50 calls a second, 6,000 in the outage.
      const seen = await outage({ seed, clients: 1, everyMilliseconds: 20, status, breaker: true })
      amplification = Math.max(amplification, seen.amplification)
      firstSuccess = Math.max(firstSuccess, seen.firstSuccess)
      slowest = Math.max(slowest, seen.lastFirstSuccess)
    }
    t.diagnostic(JSON.stringify({ amplification, firstSuccess, slowest }))
    assert.ok(amplification <= 1.1, `${amplification} requests a call`)
    assert.ok(firstSuccess <= 5, `${firstSuccess} s`)
  })
}

test('a hundred clients with little to do are back within 5 s and their next calls', async (t) => {
  const everyMilliseconds = 1000
  const seen = await outage({
    seed: 1,
    clients: 100,
    everyMilliseconds,
    status: 500,
    breaker: true,
  })
  t.diagnostic(JSON.stringify(seen))
  assert.ok(seen.amplification <= 1.1)
  assert.ok(seen.firstSuccess <= 5)
  assert.ok(seen.lastFirstSuccess <= 5 + (2 * everyMilliseconds) / 1000)
})

test('the retry budget alone keeps an outage below 1.10 requests a call', async (t) => {
  const seen = await outage({
    seed: 1,
    clients: 1,
    everyMilliseconds: 20,
    status: 500,
    breaker: false,
  })
  t.diagnostic(JSON.stringify(seen))
  assert.ok(seen.amplification <= 1.1, `${seen.amplification} requests a call`)
  assert.ok(seen.amplification > 1, 'there were retries')
})
