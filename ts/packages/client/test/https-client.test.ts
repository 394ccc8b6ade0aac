import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttpsClient } from '../src/https-client.ts'
import { json, startServer } from './failing-server.ts'
import { type Model, readModel } from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }

test('plain http to another machine is refused at once', () => {
  for (const baseUrl of [
    'http://api.example.com',
    'HTTP://api.example.com',
    ' http://api.example.com',
    'http://192.0.2.1:8000/',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost@api.example.com',
    'http://localhost:80@api.example.com',
    'http:api.example.com',
  ]) {
    assert.throws(() => createHttpsClient({ baseUrl }), /insecureHttp: true/, baseUrl)
  }
})

test('https, the own origin and this machine are not', () => {
  for (const baseUrl of [
    'https://api.example.com',
    '',
    '/api',
    'http://localhost',
    'http://localhost:8000/',
    'http://app.localhost:3000',
    'http://127.0.0.1:8000',
    'http://[::1]:8000',
  ]) {
    assert.ok(createHttpsClient({ baseUrl }), baseUrl)
  }
})

test('whoever says so gets it, and the client is like any', async (t) => {
  assert.ok(createHttpsClient({ baseUrl: 'http://api:8000', insecureHttp: true }))
  const server = await startServer(t)
  server.answer(json(200, model))
  const client = createHttpsClient({ baseUrl: server.url, headers: { 'x-mine': 'yes' } })
  assert.deepEqual(await client.call(readModel, { name: 'sentiment' }), model)
  assert.equal(server.requests[0]?.headers['x-mine'], 'yes')
})
