import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { consume } from '../src/consume.ts'
import {
  AbortedError,
  type ClientOptions,
  createClient,
  NetworkError,
  openStream,
  ProblemError,
  type StreamItem,
  type StreamOptions,
  TimeoutError,
  UndecodableError,
} from '../src/index.ts'
import { type Answering, html, problem, startServer } from './failing-server.ts'
import { type Token, watchTokens } from './operations.ts'

const frame = (kind: string, position: string, data: unknown) =>
  `event: ${kind}\n${position && `id: ${position}\n`}data: ${JSON.stringify(data)}\n\n`

const token = (position: string) =>
  frame('event', position, { stream: 's', position, type: 'token', data: { text: position } })

const end = (count: number) => frame('end', '', { count, checksum: 'c' })

const begin = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'r-stream' })
  response.flushHeaders()
}

/** Sends the text and ends as a stream does. */
const sending =
  (text: string): Answering =>
  (response) => {
    begin(response)
    response.end(text)
  }

/** Sends the text, and the connection is cut. */
const cutting =
  (text: string): Answering =>
  (response) => {
    begin(response)
    response.write(text, () => setTimeout(() => response.socket?.destroy(), 5))
  }

/** Sends the text, and nothing more. */
const stalling =
  (text: string): Answering =>
  (response) => {
    begin(response)
    response.write(text)
  }

const all = async (stream: AsyncIterable<StreamItem<Token>>): Promise<string[]> => {
  const seen: string[] = []
  for await (const item of stream) {
    if (item.kind === 'event') seen.push(item.value.text)
    else if (item.kind === 'gap') seen.push(`gap ${item.from}>${item.to} ${item.reason}`)
    else seen.push(`end ${item.count} ${String(item.checksum)}`)
  }
  return seen
}

const quick: Partial<ClientOptions> = { random: () => 0.01 }

const watch = (url: string, options: StreamOptions = {}) =>
  openStream(createClient({ baseUrl: url, ...quick }), watchTokens, undefined, options)

test('a stream is read to its end', async (t) => {
  const server = await startServer(t)
  server.answer(sending(token('a:1') + frame('ping', '', {}) + token('a:2') + end(2)))
  assert.deepEqual(await all(watch(server.url)), ['a:1', 'a:2', 'end 2 c'])
  assert.equal(server.requests[0]?.headers['last-event-id'], undefined)
})

test('a stream resumes after the last event, and every event is delivered once', async (t) => {
  const server = await startServer(t)
  server.answer(
    cutting(token('a:1') + token('a:2')),
    // At least once on the wire: the second is sent again.
    sending(token('a:2') + token('a:3') + end(3)),
  )
  assert.deepEqual(await all(watch(server.url)), ['a:1', 'a:2', 'a:3', 'end 3 c'])
  assert.equal(server.requests[1]?.headers['last-event-id'], 'a:2')
})

test('whatever byte the connection is cut at, nothing is lost and nothing comes twice', async (t) => {
  const server = await startServer(t)
  const text = token('a:1') + token('a:2') + end(2)
  const bytes = Buffer.from(text)
  const steps = Math.ceil(bytes.length / 7)
  for (let step = 0; step <= steps; step++) {
    server.answer(cutting(bytes.subarray(0, step * 7).toString()), sending(text))
    const seen = await all(watch(server.url))
    assert.deepEqual(seen, ['a:1', 'a:2', 'end 2 c'], `cut at byte ${step * 7}`)
  }
})

test('a stream that begins at a position asks for what follows', async (t) => {
  const server = await startServer(t)
  server.answer(sending(token('a:8') + end(8)))
  assert.deepEqual(await all(watch(server.url, { from: 'a:7' })), ['a:8', 'end 8 c'])
  assert.equal(server.requests[0]?.headers['last-event-id'], 'a:7')
})

test('an end that comes before the last events did is not believed', async (t) => {
  const server = await startServer(t)
  server.answer(sending(token('a:1') + end(2)), sending(token('a:2') + end(2)))
  assert.deepEqual(await all(watch(server.url)), ['a:1', 'a:2', 'end 2 c'])
})

test('gaps are told, those of the service and those it did not notice', async (t) => {
  const server = await startServer(t)
  const gap = frame('gap', 'a:3', { from: 'a:1', to: 'a:3', reason: 'retention' })
  server.answer(sending(token('a:1') + gap + token('a:4') + token('a:6') + end(6)))
  assert.deepEqual(await all(watch(server.url)), [
    'a:1',
    'gap a:1>a:3 retention',
    'a:4',
    'gap a:4>a:5 missing',
    'a:6',
    'end 6 c',
  ])
})

test('a silent connection is left, a busy one is not', async (t) => {
  const server = await startServer(t)
  const pings: Answering = (response) => {
    begin(response)
    const timer = setInterval(() => response.write(': ping\n\n'), 50)
    setTimeout(() => {
      clearInterval(timer)
      response.end(token('a:2') + end(2))
    }, 400)
  }
  server.answer(stalling(token('a:1')), pings)
  const seen = await all(watch(server.url, { heartbeatSeconds: 0.2 }))
  assert.deepEqual(seen, ['a:1', 'a:2', 'end 2 c'])
  assert.equal(server.requests.length, 2)
  assert.equal(server.requests[0]?.abandoned, true)
})

test('a slow reader is not a silent connection', async (t) => {
  const server = await startServer(t)
  server.answer(sending(token('a:1') + token('a:2') + end(2)))
  for await (const item of watch(server.url, { heartbeatSeconds: 0.1 })) {
    assert.ok(item.kind === 'event' || item.kind === 'end')
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  assert.equal(server.requests.length, 1)
})

test('a refusal is final, with its problem', async (t) => {
  const server = await startServer(t)
  server.answer(problem(403, 'Not yours.'))
  await assert.rejects(all(watch(server.url)), (error) => {
    assert.ok(ProblemError.isInstance(error))
    assert.equal(error.sentence, 'Not yours.')
    assert.equal(error.requestId, 'r-server')
    return true
  })
  assert.equal(server.requests.length, 1)
})

test('failures to connect are retried, and Retry-After is respected', async (t) => {
  const server = await startServer(t)
  const steps = [
    html(500),
    problem(503, 'Later.', { 'retry-after': '1' }),
    sending(token('a:1') + end(1)),
  ]
  server.answer(...steps)
  assert.deepEqual(await all(watch(server.url)), ['a:1', 'end 1 c'])
  const [, second, third] = server.requests
  assert.ok(second && third && third.at - second.at >= 999)
})

test('an answer that is no event stream is undecodable', async (t) => {
  const server = await startServer(t)
  server.answer(html(200))
  await assert.rejects(all(watch(server.url)), (error) => UndecodableError.isInstance(error))
})

test('an event that is not what the contract says ends the stream with the reason', async (t) => {
  const server = await startServer(t)
  for (const text of [
    frame('event', 'a:1', { type: 'token', data: { text: 7 } }),
    frame('event', '', { type: 'token', data: { text: 'x' } }),
    'data: {"half\nid: a:1\n\n',
  ]) {
    server.answer(sending(text))
    const before = server.requests.length
    await assert.rejects(all(watch(server.url)), (error) => {
      assert.ok(UndecodableError.isInstance(error))
      assert.equal(error.requestId, 'r-stream')
      return true
    })
    assert.equal(server.requests.length, before + 1)
  }
})

test('the name and the id of an event may stand in for members of the frame', async (t) => {
  const server = await startServer(t)
  const bare = `id: a:1\ndata: ${JSON.stringify({ type: 'token', data: { text: 'bare' } })}\n\n`
  server.answer(sending(bare + end(1)))
  assert.deepEqual(await all(watch(server.url)), ['bare', 'end 1 c'])
})

test('a stream gives up when nothing has come for too long', async (t) => {
  const server = await startServer(t)
  server.answer(cutting(''))
  const error: unknown = await all(watch(server.url, { giveUpSeconds: 0.2 })).catch(
    (cause: unknown) => cause,
  )
  assert.ok(NetworkError.isInstance(error))
  assert.ok(error.attempts > 1)
  server.answer(stalling(''))
  const silent: unknown = await all(
    watch(server.url, { giveUpSeconds: 0.2, heartbeatSeconds: 0.1 }),
  ).catch((cause: unknown) => cause)
  assert.ok(TimeoutError.isInstance(silent))
})

test('the caller, the loop and the client can each end a stream', async (t) => {
  const server = await startServer(t)
  server.answer(stalling(token('a:1')))
  const caller = new AbortController()
  const aborted = all(watch(server.url, { signal: caller.signal }))
  setTimeout(() => caller.abort(), 50)
  await assert.rejects(aborted, (error) => AbortedError.isInstance(error))

  for await (const item of watch(server.url)) {
    assert.equal(item.kind, 'event')
    break
  }

  const client = createClient({ baseUrl: server.url })
  const closed = all(openStream(client, watchTokens, undefined))
  setTimeout(() => client.close(), 50)
  await assert.rejects(closed, (error) => AbortedError.isInstance(error))
  const until = performance.now() + 2000
  while (!server.requests.every(({ abandoned }) => abandoned)) {
    assert.ok(performance.now() < until, 'a connection was left open')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.equal(server.requests.length, 3)
})

test('who has given up is given nothing more, not even what has come already', async (t) => {
  const server = await startServer(t)
  server.answer(stalling(token('a:1') + token('a:2')))
  const caller = new AbortController()
  const seen: string[] = []
  const reading = consume(watch(server.url, { signal: caller.signal }), {
    onEvent({ text }) {
      seen.push(text)
      caller.abort()
    },
  })
  await assert.rejects(reading, (error) => AbortedError.isInstance(error))
  assert.deepEqual(seen, ['a:1'])
})

test('an abort also ends the wait between two connections', async (t) => {
  const server = await startServer(t)
  server.answer(problem(503, 'Later.', { 'retry-after': '20' }))
  const begun = performance.now()
  await assert.rejects(all(watch(server.url, { signal: AbortSignal.timeout(100) })), (error) =>
    AbortedError.isInstance(error),
  )
  assert.ok(performance.now() - begun < 1000)
})

test('a stream can be read by callbacks', async (t) => {
  const server = await startServer(t)
  server.answer(sending(token('a:1') + token('a:3') + end(3)))
  const seen: string[] = []
  const last = await consume(watch(server.url), {
    onEvent: (value, position) => seen.push(`${position} ${value.text}`),
    onGap: ({ from, to }) => seen.push(`${from}>${to}`),
  })
  assert.deepEqual(seen, ['a:1 a:1', 'a:1>a:2', 'a:3 a:3'])
  assert.deepEqual(last, { kind: 'end', count: 3, checksum: 'c' })
})
