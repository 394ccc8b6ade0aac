/** The small parts on their own: what each promises, without a network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCursor } from '../src/cursor.ts'
import { createEventParser } from '../src/server-sent-events.ts'

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
  // Line separators of JavaScript are none of event streams.
  assert.deepEqual(events('data: a\u2028b\n\n')[0]?.data, 'a\u2028b')
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
  assert.equal(cursor.position(), 'b:1')
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
