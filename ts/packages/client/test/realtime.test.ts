import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  AbortedError,
  createClient,
  InvalidRequestError,
  NetworkError,
  ProblemError,
  type StreamItem,
  UndecodableError,
} from '../src/index.ts'
import { type Channel, createRealtime, type RealtimeOptions } from '../src/realtime.ts'
import { decodeToken, type Token } from './operations.ts'

const tokens: Channel<string, Token> = {
  id: 'tokens',
  stream: (name) =>
    name
      ? { ok: true, value: `tokens/${name}` }
      : { ok: false, issues: [{ pointer: '', message: 'must not be empty', rule: 'minLength' }] },
  decode: decodeToken,
}

interface Frame {
  readonly frame: string
  readonly stream?: string
  readonly position?: string
  readonly token?: string
}

type Serving = (socket: WebSocket, frame: Frame) => void

/** A real WebSocket server that answers each frame as it is told. */
async function startSockets(t: TestContext, serve: Serving) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const frames: Frame[] = []
  const sockets: WebSocket[] = []
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (text) => {
      const { frame, stream, position, token }: Record<string, unknown> = Object(
        JSON.parse(String(text)),
      )
      const seen: Frame = {
        frame: String(frame),
        ...(typeof stream === 'string' && { stream }),
        ...(typeof position === 'string' && { position }),
        ...(typeof token === 'string' && { token }),
      }
      frames.push(seen)
      serve(socket, seen)
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    for (const socket of sockets) socket.terminate()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return { url: `ws://127.0.0.1:${address.port}`, frames, sockets }
}

const send = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame))

const token = (stream: string, position: string) => ({
  frame: 'event',
  stream,
  position,
  type: 'token',
  data: { text: `${stream} ${position}` },
})

function connect(t: TestContext, url: string, options: Partial<RealtimeOptions> = {}) {
  const client = createClient({ baseUrl: '', random: () => 0.01 })
  t.after(() => client.close())
  return { client, realtime: createRealtime(client, { url, ...options }) }
}

async function all(stream: AsyncIterable<StreamItem<Token>>): Promise<string[]> {
  const seen: string[] = []
  for await (const item of stream) {
    seen.push(item.kind === 'event' ? item.value.text : item.kind)
  }
  return seen
}

test('many streams share one socket, which closes after the last', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame !== 'subscribe') return
    send(socket, token(stream, 'a:1'))
    send(socket, { frame: 'ping' })
    send(socket, { frame: 'end', stream, count: 1, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url)
  const seen = await Promise.all(
    ['x', 'y', 'z'].map((name) => all(realtime.subscribe(tokens, name))),
  )
  assert.deepEqual(seen[1], ['tokens/y a:1', 'end'])
  assert.equal(server.sockets.length, 1)
  await until(() => server.sockets[0]?.readyState === 3)
})

test('after a cut every stream goes on after its last event', async (t) => {
  let cut = false
  const server = await startSockets(t, (socket, { frame, stream = '', position }) => {
    if (frame !== 'subscribe') return
    if (position === undefined) send(socket, token(stream, 'a:1'))
    send(socket, token(stream, 'a:1'))
    if (!cut) {
      cut = true
      socket.close(1001)
      return
    }
    send(socket, token(stream, 'a:2'))
    send(socket, { frame: 'end', stream, count: 2, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url)
  assert.deepEqual(await all(realtime.subscribe(tokens, 'x')), [
    'tokens/x a:1',
    'tokens/x a:2',
    'end',
  ])
  assert.deepEqual(
    server.frames.filter(({ frame }) => frame === 'subscribe').map(({ position }) => position),
    [undefined, 'a:1'],
  )
})

test('a silent socket is left', async (t) => {
  let sockets = 0
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame !== 'subscribe' || sockets++ === 0) return
    send(socket, { frame: 'end', stream, count: 0, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url, { heartbeatSeconds: 0.1 })
  assert.deepEqual(await all(realtime.subscribe(tokens, 'x')), ['end'])
  assert.equal(server.sockets.length, 2)
})

test('the token goes first, and is refreshed when it has expired', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '', token: bearer }) => {
    if (frame === 'auth' && bearer === 'old') socket.close(4001)
    if (frame === 'subscribe') send(socket, { frame: 'end', stream, count: 0, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url, { token: ({ refresh }) => (refresh ? 'new' : 'old') })
  assert.deepEqual(await all(realtime.subscribe(tokens, 'x')), ['end'])
  assert.deepEqual(
    server.frames.filter(({ frame }) => frame === 'auth').map(({ token: bearer }) => bearer),
    ['old', 'new'],
  )
  assert.equal(server.frames[0]?.frame, 'auth')
})

test('a token can be renewed on the open socket', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '', token: bearer }) => {
    if (frame === 'subscribe') send(socket, token(stream, 'a:1'))
    if (bearer === 'second')
      send(socket, { frame: 'end', stream: 'tokens/x', count: 1, checksum: 'c' })
  })
  const issued = ['first', 'second']
  const { realtime } = connect(t, server.url, { token: () => issued.shift() })
  const seen: string[] = []
  for await (const item of realtime.subscribe(tokens, 'x')) {
    seen.push(item.kind)
    if (item.kind === 'event') await realtime.authenticate()
  }
  assert.deepEqual(seen, ['event', 'end'])
  assert.equal(server.sockets.length, 1)
})

test('nothing is asked before the token is sent, however long it takes', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame === 'subscribe') send(socket, { frame: 'end', stream, count: 0, checksum: 'c' })
  })
  const asked = Promise.withResolvers<void>()
  const issued = Promise.withResolvers<string>()
  const token = () => {
    asked.resolve()
    return issued.promise
  }
  const { realtime } = connect(t, server.url, { token })
  const first = all(realtime.subscribe(tokens, 'x'))
  // The socket is open now.
  await asked.promise
  const second = all(realtime.subscribe(tokens, 'y'))
  await new Promise((resolve) => setTimeout(resolve, 30))
  issued.resolve('slow')
  await Promise.all([first, second])
  assert.deepEqual(
    server.frames.slice(0, 3).map(({ frame, stream }) => `${frame} ${stream}`),
    ['auth undefined', 'subscribe tokens/x', 'subscribe tokens/y'],
  )
})

test('closing the client also ends the wait for another socket', async (t) => {
  const server = await startSockets(t, (socket) => socket.close(1001))
  const client = createClient({ baseUrl: '', random: () => 0.2 })
  const reading = all(createRealtime(client, { url: server.url }).subscribe(tokens, 'x'))
  await until(() => server.sockets[0]?.readyState === 3)
  client.close()
  await assert.rejects(reading, (error) => AbortedError.isInstance(error))
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(server.sockets.length, 1)
})

test('a message that is not JSON ends the streams: it may have been an event of any', async (t) => {
  const server = await startSockets(t, (socket) => socket.send('{"frame":'))
  const { realtime } = connect(t, server.url)
  await assert.rejects(all(realtime.subscribe(tokens, 'x')), (error) =>
    UndecodableError.isInstance(error),
  )
})

test('two readers of one stream get what each has not had, and no gap between them', async (t) => {
  const total = 6
  const server = await startSockets(t, (socket, { frame, stream = '', position = 'a:0' }) => {
    if (frame !== 'subscribe') return
    for (let offset = Number(position.slice(2)) + 1; offset <= total; offset++) {
      if (position !== 'a:0' || offset <= 3) send(socket, token(stream, `a:${offset}`))
    }
    if (position !== 'a:0') send(socket, { frame: 'end', stream, count: total, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url)
  const seen: string[] = []
  const ahead = Promise.withResolvers<readonly string[]>()
  for await (const item of realtime.subscribe(tokens, 'x')) {
    seen.push(item.kind === 'event' ? item.position : item.kind)
    if (seen.length === 3) ahead.resolve(all(realtime.subscribe(tokens, 'x', { from: 'a:5' })))
  }
  assert.deepEqual(seen, ['a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6', 'end'])
  assert.deepEqual(await ahead.promise, ['tokens/x a:6', 'end'])
})

test('closes for good are final: forbidden and a version too old', async (t) => {
  for (const code of [4003, 4009]) {
    const server = await startSockets(t, (socket) => socket.close(code))
    const { realtime } = connect(t, server.url)
    await assert.rejects(all(realtime.subscribe(tokens, 'x')), (error) => {
      assert.ok(NetworkError.isInstance(error))
      assert.equal(error.cause, code)
      return true
    })
    assert.equal(server.sockets.length, 1)
  }
})

test('an error frame ends its own stream only', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame !== 'subscribe') return
    const problem = { title: 'No', status: 403, detail: 'Not yours.' }
    if (stream === 'tokens/x') send(socket, { frame: 'error', stream, problem })
    else setTimeout(() => send(socket, { frame: 'end', stream, count: 0, checksum: 'c' }), 50)
  })
  const { realtime } = connect(t, server.url)
  const [refused, fine] = await Promise.allSettled(
    ['x', 'y'].map((name) => all(realtime.subscribe(tokens, name))),
  )
  assert.ok(refused?.status === 'rejected' && ProblemError.isInstance(refused.reason))
  assert.equal(refused.reason.sentence, 'Not yours.')
  assert.equal(fine?.status, 'fulfilled')
})

test('events that are not what the contract says end the stream; a bad input never begins one', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame === 'subscribe') send(socket, { ...token(stream, 'a:1'), data: {} })
  })
  const { realtime } = connect(t, server.url)
  await assert.rejects(all(realtime.subscribe(tokens, 'x')), (error) =>
    UndecodableError.isInstance(error),
  )
  await assert.rejects(all(realtime.subscribe(tokens, '')), (error) =>
    InvalidRequestError.isInstance(error),
  )
})

test('the caller and the client can end a subscription; leaving the loop unsubscribes', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame === 'subscribe') send(socket, token(stream, 'a:1'))
  })
  const { client, realtime } = connect(t, server.url)
  const signal = AbortSignal.timeout(50)
  const other = all(realtime.subscribe(tokens, 'y'))
  await assert.rejects(all(realtime.subscribe(tokens, 'x', { signal })), (error) =>
    AbortedError.isInstance(error),
  )
  await until(() =>
    server.frames.some(({ frame, stream }) => frame === 'unsubscribe' && stream === 'tokens/x'),
  )
  for await (const item of realtime.subscribe(tokens, 'z')) {
    assert.equal(item.kind, 'event')
    break
  }
  await until(() =>
    server.frames.some(({ frame, stream }) => frame === 'unsubscribe' && stream === 'tokens/z'),
  )
  client.close()
  await assert.rejects(other, (error) => AbortedError.isInstance(error))
  await until(() => server.sockets.every(({ readyState }) => readyState === 3))
})

test('who has given up is given nothing more, not even what has come already', async (t) => {
  const server = await startSockets(t, (socket, { frame, stream = '' }) => {
    if (frame !== 'subscribe') return
    send(socket, token(stream, 'a:1'))
    send(socket, token(stream, 'a:2'))
  })
  const { realtime } = connect(t, server.url)
  const caller = new AbortController()
  const seen: string[] = []
  const reading = (async () => {
    for await (const item of realtime.subscribe(tokens, 'x', { signal: caller.signal })) {
      if (item.kind === 'event') seen.push(item.position)
      // Until the second has come, too.
      await new Promise((resolve) => setTimeout(resolve, 50))
      caller.abort()
    }
  })()
  await assert.rejects(reading, (error) => AbortedError.isInstance(error))
  assert.deepEqual(seen, ['a:1'])
})

test('a reader who is slow gets everything, without the rest piling up', async (t) => {
  const total = 3000
  const server = await startSockets(t, (socket, { frame, stream = '', position = 'a:0' }) => {
    if (frame !== 'subscribe') return
    for (let offset = Number(position.slice(2)) + 1; offset <= total; offset++) {
      send(socket, token(stream, `a:${offset}`))
    }
    send(socket, { frame: 'end', stream, count: total, checksum: 'c' })
  })
  const { realtime } = connect(t, server.url, { heartbeatSeconds: 2 })
  let seen = 0
  for await (const item of realtime.subscribe(tokens, 'x')) {
    if (item.kind === 'event') seen++
    else assert.equal(item.kind, 'end')
    if (seen === 1) await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.equal(seen, total)
  assert.ok(server.frames.filter(({ frame }) => frame === 'subscribe').length > 1)
  assert.equal(server.sockets.length, 1)
})

test('when no socket can be opened the subscription fails in the end', async (t) => {
  const { realtime } = connect(t, 'ws://127.0.0.1:1', { giveUpSeconds: 0.1 })
  await assert.rejects(all(realtime.subscribe(tokens, 'x')), (error) =>
    NetworkError.isInstance(error),
  )
})

async function until(is: () => unknown): Promise<void> {
  const latest = performance.now() + 2000
  while (!is()) {
    assert.ok(performance.now() < latest, 'it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
