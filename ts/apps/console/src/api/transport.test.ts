import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { NetworkFailure, ProblemFailure, TimedOut, UndecodableResponse } from './errors.ts'
import { send } from './transport.ts'

async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return `http://127.0.0.1:${address.port}/`
}

const readText = {
  method: 'GET',
  read: (answer: { member(name: string): { string(): string } }) => answer.member('text').string(),
} as const

test('an answer is read into its type', async (context) => {
  const path = await serve(context, (_request, response) => response.end('{"text": "yes"}'))
  assert.equal(await send({ ...readText, path }), 'yes')
})

test('a body is sent as JSON', async (context) => {
  const path = await serve(context, (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const received = `${request.headers['content-type']} ${Buffer.concat(parts)}`
      response.end(JSON.stringify({ text: received }))
    })
  })
  const sent = await send({ ...readText, method: 'POST', path, body: { a: 1 } })
  assert.equal(sent, 'application/json {"a":1}')
})

test('an answer without a body reads as null', async (context) => {
  const path = await serve(context, (_request, response) => response.writeHead(204).end())
  assert.equal(await send({ method: 'DELETE', path, read: (answer) => answer.value }), null)
})

test('a refusal is a problem with its request id', async (context) => {
  const path = await serve(context, (_request, response) => {
    response.writeHead(404, { 'x-request-id': 'abc' }).end()
  })
  await assert.rejects(send({ ...readText, path }), (error) => {
    return error instanceof ProblemFailure && error.problem.requestId === 'abc'
  })
})

test('an answer of another shape names the place', async (context) => {
  const path = await serve(context, (_request, response) => response.end('{"text": 7}'))
  await assert.rejects(send({ ...readText, path }), (error) => {
    return error instanceof UndecodableResponse && error.message.includes('/text')
  })
})

test('an answer that is not JSON is undecodable', async (context) => {
  const path = await serve(context, (_request, response) => response.end('<html>'))
  await assert.rejects(send({ ...readText, path }), UndecodableResponse)
})

test('a server that does not answer in time is a time-out', async (context) => {
  const path = await serve(context, () => undefined)
  await assert.rejects(send({ ...readText, path, timeoutSeconds: 0.05 }), TimedOut)
})

test('a server that hangs up is a network failure', async (context) => {
  const path = await serve(context, (request) => request.socket.destroy())
  await assert.rejects(send({ ...readText, path }), NetworkFailure)
})

test('a request that its caller gives up is not reported as a failure of the network', async (context) => {
  const path = await serve(context, () => undefined)
  const giveUp = new AbortController()
  const answer = send({ ...readText, path, signal: giveUp.signal })
  giveUp.abort()
  await assert.rejects(answer, { name: 'AbortError' })
})
