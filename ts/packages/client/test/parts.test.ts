/** The small parts on their own: what each promises, without a network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, retryAfter } from '../src/backoff.ts'
import { createCircuitBreaker } from '../src/circuit-breaker.ts'
import { systemClock } from '../src/clock.ts'
import { createCursor } from '../src/cursor.ts'
import { createHealth } from '../src/health.ts'
import { createRetryBudget } from '../src/retry-budget.ts'
import { createEventParser } from '../src/server-sent-events.ts'
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

const events = (...texts: string[]) => {
  const parse = createEventParser()
  return texts.flatMap((text) => parse(text))
}

test('event streams are parsed as the HTML standard says', () => {
  assert.deepEqual(events('data: a\n\n'), [{ type: '', data: 'a', id: '' }])
  assert.deepEqual(events('data:a\ndata: b\ndata:  c\n\n')[0]?.data, 'a\nb\n c')
  assert.deepEqual(events('event: add\nid: 7\ndata: x\n\n'), [{ type: 'add', data: 'x', id: '7' }])
  assert.deepEqual(events(': comment\n\n\n'), [])
  assert.deepEqual(events('event: only\n\ndata: x\n\n')[0]?.type, '')
  assert.deepEqual(events('data\n\n')[0]?.data, '')
  assert.deepEqual(events('data\ndata\n\n')[0]?.data, '\n')
  assert.deepEqual(events('data: a:b: c\n\n')[0]?.data, 'a:b: c')
  assert.deepEqual(events('unknown: 1\ndata: x\nretry: 10\n\n').length, 1)
  assert.deepEqual(events('data: x'), [])
  assert.deepEqual(events('data: x\n'), [])
})

test('an id lasts until the next one, also from an event without data; one with NUL is ignored', () => {
  const seen = events(
    'id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid: 3\0\ndata: d\n\nid\ndata: e\n\n',
  )
  assert.deepEqual(
    seen.map(({ id }) => id),
    ['1', '1', '2', '2', ''],
  )
})

test('every kind of line break ends a line, in whatever pieces the text comes', () => {
  const text = 'event: a\rdata: 1\r\rdata: 2\r\n\r\ndata: 3\n\ndata: ü\r\ndata: 4\r\n\r\n'
  const whole = events(text)
  assert.deepEqual(
    whole.map(({ data }) => data),
    ['1', '2', '3', 'ü\n4'],
  )
  assert.deepEqual(events(...text), whole)
  for (let at = 0; at <= text.length; at++) {
    assert.deepEqual(events(text.slice(0, at), '', text.slice(at)), whole, `cut at ${at}`)
  }
})

test('a line that ends in a return is complete before the next character comes', () => {
  assert.equal(events('data: x\r\r').length, 1)
})

const take = (cursor: ReturnType<typeof createCursor>, position: string) => {
  const taken = cursor.take('event', { position, type: 't', data: 1 })
  assert.ok(taken.ok)
  return taken.value.map((frame) =>
    frame.kind === 'event'
      ? frame.position
      : frame.kind === 'gap'
        ? `${frame.from}>${frame.to}`
        : 'end',
  )
}

test('a cursor delivers each position once, and tells what is missing', () => {
  const cursor = createCursor()
  assert.deepEqual(take(cursor, 'a:1'), ['a:1'])
  assert.deepEqual(take(cursor, 'a:2'), ['a:2'])
  assert.deepEqual(take(cursor, 'a:2'), [])
  assert.deepEqual(take(cursor, 'a:1'), [])
  assert.deepEqual(take(cursor, 'a:5'), ['a:2>a:4', 'a:5'])
  assert.deepEqual(take(cursor, 'b:1'), ['a:5>b:0', 'b:1'])
  assert.equal(cursor.position, 'b:1')
  assert.deepEqual(take(createCursor('e:1:4'), 'e:1:4'), [])
  assert.deepEqual(take(createCursor('e:1:4'), 'e:1:5'), ['e:1:5'])
})

test('an end counts when all is accounted for, or when that cannot be known', () => {
  const end = (cursor: ReturnType<typeof createCursor>, count: number) => {
    const taken = cursor.take('end', { count, checksum: 'c' })
    assert.ok(taken.ok)
    return taken.value
  }
  const cursor = createCursor()
  take(cursor, 'a:1')
  take(cursor, 'a:2')
  assert.deepEqual(end(cursor, 3), [])
  take(cursor, 'a:3')
  assert.deepEqual(end(cursor, 3), [{ kind: 'end', count: 3, checksum: 'c' }])
  take(cursor, 'a:10')
  assert.deepEqual(end(cursor, 11), [])
  assert.equal(end(cursor, 10).length, 1)
  assert.equal(end(createCursor('a:5'), 100).length, 1)
  const gapped = createCursor()
  gapped.take('gap', { from: 'a:0', to: 'a:4', reason: 'retention' })
  take(gapped, 'a:5')
  assert.deepEqual(end(gapped, 6), [])
  assert.equal(end(gapped, 5).length, 1)
})

test('a gap of the service is passed on once', () => {
  const cursor = createCursor('a:2')
  const gap = { kind: 'gap', from: 'a:2', to: 'b:0', reason: 'restored' }
  const taken = cursor.take('gap', gap)
  assert.deepEqual(taken, { ok: true, value: [gap] })
  assert.deepEqual(cursor.take('gap', gap), { ok: true, value: [] })
  assert.deepEqual(take(cursor, 'b:1'), ['b:1'])
})

test('frames without a position or a count are refused; unknown kinds are not', () => {
  const cursor = createCursor()
  assert.equal(cursor.take('event', { position: 'nonsense' }).ok, false)
  assert.equal(cursor.take('event', null).ok, false)
  assert.equal(cursor.take('gap', { from: 'a:1' }).ok, false)
  assert.equal(cursor.take('end', {}).ok, false)
  assert.deepEqual(cursor.take('ping', {}), { ok: true, value: [] })
  assert.deepEqual(cursor.take('later', {}), { ok: true, value: [] })
})
