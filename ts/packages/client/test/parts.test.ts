/** The small parts on their own: what each promises, without a network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, retryAfter } from '../src/backoff.ts'
import { createCircuitBreaker } from '../src/circuit-breaker.ts'
import { systemClock } from '../src/clock.ts'
import { createHealth } from '../src/health.ts'
import type { Styles } from '../src/parameters.ts'
import { createRetryBudget } from '../src/retry-budget.ts'
import { wireRequest } from '../src/wire-request.ts'
import { VirtualClock } from './virtual-clock.ts'

test('full jitter doubles its bound up to 20 s; throttled waits begin at 1 s', () => {
  assert.equal(
    backoff(0, false, undefined, () => 0),
    0,
  )
  assert.equal(
    backoff(0, false, undefined, () => 0.5),
    25,
  )
  assert.equal(
    backoff(1, false, undefined, () => 0.5),
    50,
  )
  assert.equal(
    backoff(3, false, undefined, () => 0.5),
    200,
  )
  assert.equal(
    backoff(0, true, undefined, () => 0.5),
    500,
  )
  assert.equal(
    backoff(30, false, undefined, () => 0.5),
    10_000,
  )
})

test('the wish of the service is a lower bound, with a little jitter on top', () => {
  assert.equal(
    backoff(0, true, 3, () => 0),
    3000,
  )
  assert.equal(
    backoff(0, true, 3, () => 0.5),
    3025,
  )
  assert.equal(
    backoff(5, true, 1, () => 0.5),
    10_000,
  )
})

test('Retry-After is read in both spellings, by the clock of the service', () => {
  const clock = new VirtualClock()
  const read = (headers: Record<string, string>) => retryAfter(new Headers(headers), clock)
  const inSeconds = (seconds: number) => new Date(clock.date() + seconds * 1000).toUTCString()
  assert.equal(read({}), undefined)
  assert.equal(read({ 'retry-after': '0' }), 0)
  assert.equal(read({ 'retry-after': '120' }), 120)
  assert.equal(read({ 'retry-after': 'soon' }), undefined)
  assert.equal(read({ 'retry-after': inSeconds(5) }), 5)
  assert.equal(read({ 'retry-after': inSeconds(-5) }), undefined)
  // The clock here is an hour behind; the service says what time it has.
  assert.equal(read({ 'retry-after': inSeconds(3605), date: inSeconds(3600) }), 5)
})

test('the budget pays for 35 retries, or 100 throttled ones, and successes earn it back', () => {
  const count = (throttled: boolean) => {
    const budget = createRetryBudget()
    let retries = 0
    while (budget.take(throttled) !== undefined) retries++
    return { budget, retries }
  }
  assert.equal(count(true).retries, 100)
  const { budget, retries } = count(false)
  assert.equal(retries, 35)
  // 500 - 35 * 14 = 10 tokens are left, and one is earned: enough for two throttled retries.
  budget.earn(undefined)
  assert.deepEqual([budget.take(true), budget.take(true), budget.take(true)], [5, 5, undefined])
})

test('a success after a retry earns what it cost; the budget never exceeds its capacity', () => {
  const budget = createRetryBudget()
  for (let index = 0; index < 1000; index++) budget.earn(undefined)
  for (let index = 0; index < 35; index++) assert.equal(budget.take(false), 14)
  assert.equal(budget.take(false), undefined)
  budget.earn(14)
  assert.equal(budget.take(false), 14)
  for (let index = 0; index < 3; index++) budget.earn(undefined)
  assert.equal(budget.take(false), undefined)
})

function breaker(random = () => 0) {
  const clock = new VirtualClock()
  const circuit = createCircuitBreaker(clock, random)
  const call = (succeeded: boolean | undefined) => {
    const permit = circuit.enter()
    permit?.(succeeded)
    return permit !== undefined
  }
  return { clock, circuit, call }
}

test('the circuit opens at half of ten calls in ten seconds, and not before', () => {
  const { circuit, call } = breaker()
  for (let index = 0; index < 9; index++) call(index % 2 === 0)
  assert.equal(circuit.openSeconds(), 0)
  call(false)
  assert.equal(circuit.openSeconds(), 1)
  assert.equal(call(true), false)
})

test('fewer failures than half leave it closed', () => {
  const { circuit, call } = breaker()
  for (let index = 0; index < 50; index++) call(index % 5 < 3)
  assert.equal(circuit.openSeconds(), 0)
})

test('outcomes that are older than ten seconds are forgotten', async () => {
  const { clock, circuit, call } = breaker()
  for (let index = 0; index < 9; index++) call(false)
  await clock.run(10_000)
  call(false)
  assert.equal(circuit.openSeconds(), 0)
})

test('outcomes that say nothing do not count', () => {
  const { circuit, call } = breaker()
  for (let index = 0; index < 50; index++) call(undefined)
  assert.equal(circuit.openSeconds(), 0)
})

test('three probes are let through, and all must succeed to close it', async () => {
  const { clock, circuit, call } = breaker()
  for (let index = 0; index < 10; index++) call(false)
  await clock.run(1000)
  const probes = [circuit.enter(), circuit.enter(), circuit.enter()]
  assert.equal(circuit.enter(), undefined)
  probes[0]?.(true)
  probes[1]?.(true)
  assert.equal(circuit.enter(), undefined)
  // One gave up, so another may try.
  probes[2]?.(undefined)
  assert.equal(call(true), true)
  for (let index = 0; index < 20; index++) assert.ok(circuit.enter())
})

test('a probe that fails opens it again, for longer, up to five seconds', async () => {
  const { clock, circuit, call } = breaker(() => 1)
  for (let index = 0; index < 10; index++) call(false)
  const open: number[] = []
  for (let index = 0; index < 4; index++) {
    open.push(circuit.openSeconds())
    await clock.run(clock.now() + circuit.openSeconds() * 1000)
    call(false)
  }
  assert.deepEqual(open, [2, 4, 5, 5])
})

test('a call that began before the circuit opened does not count as a probe', async () => {
  const { clock, circuit, call } = breaker()
  const early = [circuit.enter(), circuit.enter(), circuit.enter()]
  for (let index = 0; index < 10; index++) call(false)
  await clock.run(1000)
  for (const permit of early) permit?.(true)
  // It is still trying: only three are let through.
  const probes = [1, 2, 3, 4].map(() => circuit.enter() !== undefined)
  assert.deepEqual(probes, [true, true, true, false])
})

test('each origin and group has a circuit of its own', () => {
  const health = createHealth()
  const first = health.breaker('https://a.test/v1', 'models')
  assert.equal(health.breaker('https://a.test/v2', 'models'), first)
  assert.notEqual(health.breaker('https://a.test', 'jobs'), first)
  assert.notEqual(health.breaker('https://b.test', 'models'), first)
})

test('a timer that is longer than the engine can count does not fire at once', async () => {
  let fired = false
  const cancel = systemClock.after(Infinity, () => {
    fired = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  cancel()
  assert.equal(fired, false)
})

test('a list in a header refuses an item that would be read as two', () => {
  const request = (tags: string[], styles: Styles = {}) =>
    wireRequest('/x', { headers: { ok: true, value: { 'x-tags': tags } }, styles })
  const refused = request(['a,b', 'c'])
  assert.ok(!refused.ok)
  assert.deepEqual(
    refused.issues.map(({ pointer }) => pointer),
    ['/x-tags'],
  )
  const joined = request(['a', 'c'])
  assert.ok(joined.ok)
  assert.deepEqual(joined.value.headers, { 'x-tags': 'a,c' })
  const json = request(['a,b', 'c'], { 'x-tags': 'json' })
  assert.ok(json.ok)
})
