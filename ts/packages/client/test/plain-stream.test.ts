/** Event streams without positions: resumed as the standard's `EventSource` does, or not at all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortedError, createClient, NetworkError, ProblemError } from '../src/index.ts'
import { openPlainStream, type PlainStreamOptions } from '../src/plain-stream.ts'
import { type Answering, problem, startServer } from './failing-server.ts'
import { watchTokens } from './operations.ts'

const event = (text: string, id = '') =>
  `${id && `id: ${id}\n`}event: token\ndata: ${JSON.stringify({ text })}\n\n`

const sending =
  (text: string): Answering =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text)
  }

/** Sends the text, and the connection is cut. */
const cutting =
  (text: string): Answering =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    response.write(text, () => setTimeout(() => response.socket?.destroy(), 5))
  }

const nothing: Answering = (response) => response.writeHead(204).end()

async function all(url: string, options: PlainStreamOptions = {}, operation = watchTokens) {
  const seen: string[] = []
  const client = createClient({ baseUrl: url, random: () => 0.01 })
  const stream = openPlainStream(client, operation, undefined, options)
  for await (const { text } of stream) seen.push(text)
  return seen
}

const lastIds = (requests: readonly { readonly headers: NodeJS.Dict<string | string[]> }[]) =>
  requests.map(({ headers }) => headers['last-event-id'])

test('a stream without ids is read once, and a cut is thrown', async (t) => {
  const server = await startServer(t)
  server.answer(sending(event('a') + event('b')), cutting(event('a')))
  assert.deepEqual(await all(server.url), ['a', 'b'])
  await assert.rejects(all(server.url), (error) => NetworkError.isInstance(error))
  assert.equal(server.requests.length, 2)
})

test('a stream with ids is resumed after the last one, and its end is the end', async (t) => {
  const server = await startServer(t)
  server.answer(cutting(event('a', '1') + event('b', '2')), sending(event('c', '3')))
  assert.deepEqual(await all(server.url), ['a', 'b', 'c'])
  assert.deepEqual(lastIds(server.requests), [undefined, '2'])
})

test('whatever byte it is cut at, nothing is lost and nothing comes twice', async (t) => {
  const server = await startServer(t)
  const texts = [1, 2, 3].map((id) => event(`${id}`, `${id}`))
  const whole = texts.join('')
  const rest: Answering = (response, { headers }) =>
    sending(texts.slice(Number(headers['last-event-id'])).join(''))(
      response,
      server.requests[0] ?? assert.fail(),
    )
  // Before the first id there is nothing to go on after.
  for (let at = texts[0]?.length ?? 0; at < whole.length; at++) {
    server.answer(cutting(whole.slice(0, at)), rest)
    assert.deepEqual(await all(server.url), ['1', '2', '3'], `cut at ${at}`)
  }
})

test('a service that says when to come back is asked again until it has no more', async (t) => {
  const server = await startServer(t)
  server.answer(sending(`retry: 120\n\n${event('a', '1')}`), sending(event('b', '2')), nothing)
  assert.deepEqual(await all(server.url), ['a', 'b'])
  assert.deepEqual(lastIds(server.requests), [undefined, '1', '2'])
  const [first, second] = server.requests
  assert.ok(first && second && second.at - first.at >= 120)
})

test('a write is never sent again, whatever ids its events have', async (t) => {
  const server = await startServer(t)
  server.answer(cutting(event('a', '1')))
  const write = { ...watchTokens, method: 'POST' } as const
  await assert.rejects(all(server.url, {}, write), (error) => NetworkError.isInstance(error))
  assert.equal(server.requests.length, 1)
})

test('a reader may begin after an id', async (t) => {
  const server = await startServer(t)
  server.answer(sending(event('c', '3')))
  assert.deepEqual(await all(server.url, { from: '2' }), ['c'])
  assert.deepEqual(lastIds(server.requests), ['2'])
})

test('failures that pass are waited for, a refusal and the end of patience are not', async (t) => {
  const server = await startServer(t)
  const begun = cutting(event('a', '1'))
  server.answer(begun, problem(503, 'Down.'), sending(event('b', '2')))
  assert.deepEqual(await all(server.url), ['a', 'b'])
  server.answer(begun, problem(403, 'No.'))
  await assert.rejects(all(server.url), (error) => {
    assert.ok(ProblemError.isInstance(error))
    assert.equal(error.status, 403)
    return true
  })
  server.answer(begun, problem(503, 'Down.'))
  await assert.rejects(all(server.url, { giveUpSeconds: 0.05 }), (error) =>
    ProblemError.isInstance(error),
  )
})

test('a silent connection is resumed, and an abort ends everything', async (t) => {
  const server = await startServer(t)
  const stalling: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event('a', '1'))
  }
  server.answer(stalling, sending(event('b', '2')))
  assert.deepEqual(await all(server.url, { silenceSeconds: 0.1 }), ['a', 'b'])
  server.answer(stalling)
  await assert.rejects(all(server.url, { signal: AbortSignal.timeout(50) }), (error) =>
    AbortedError.isInstance(error),
  )
})
