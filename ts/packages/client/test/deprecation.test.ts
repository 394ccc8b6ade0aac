/** What a service says of operations that will go, over a real socket. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DeprecationNotice, noticeDeprecation } from '../src/deprecation.ts'
import { createClient } from '../src/index.ts'
import { json, problem, startServer } from './failing-server.ts'
import { createModel, readModel } from './operations.ts'

const model = { name: 'sentiment', version: 3 }

const since = '@1772323200'
const sunset = 'Tue, 01 Sep 2026 00:00:00 GMT'
const link = '</v2>; rel="successor-version", <https://example.com/moving>; rel="deprecation"'

test('a notice has the dates and the link, once for each operation', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model, { deprecation: since, sunset, link }))
  const notices: DeprecationNotice[] = []
  const layers = [noticeDeprecation((notice) => notices.push(notice))]
  const client = createClient({ baseUrl: server.url, layers })

  await client.call(readModel, { name: 'hunter2' })
  await client.call(readModel, { name: 'other' })
  await client.call(createModel, model)

  assert.deepEqual(
    notices.map(({ operation }) => operation),
    ['readModel', 'createModel'],
  )
  assert.deepEqual(notices[0], {
    operation: 'readModel',
    method: 'GET',
    path: '/v1/models/{name}',
    since: new Date('2026-03-01T00:00:00Z'),
    sunset: new Date('2026-09-01T00:00:00Z'),
    link: 'https://example.com/moving',
  })
  assert.ok(!JSON.stringify(notices).includes('hunter2'))
})

test('a failure announces too, and what is no date is left out', async (t) => {
  const server = await startServer(t)
  server.answer(problem(404, 'No.', { deprecation: 'true' }))
  const notices: DeprecationNotice[] = []
  const layers = [noticeDeprecation((notice) => notices.push(notice))]
  const client = createClient({ baseUrl: server.url, layers })

  await assert.rejects(client.call(readModel, { name: 'gone' }))

  assert.deepEqual(
    notices.map(({ since, sunset, link }) => [since, sunset, link]),
    [[undefined, undefined, undefined]],
  )
})

test('without the headers nothing is told; a hook that throws breaks no call', async (t) => {
  const server = await startServer(t)
  let told = 0
  const layers = [
    noticeDeprecation(() => {
      told += 1
      throw new Error('a broken logger')
    }),
  ]
  const client = createClient({ baseUrl: server.url, layers })

  server.answer(json(200, model))
  assert.deepEqual(await client.call(readModel, { name: 'a' }), model)
  assert.equal(told, 0)
  server.answer(json(200, model, { sunset }))
  assert.deepEqual(await client.call(readModel, { name: 'a' }), model)
  assert.equal(told, 1)
})
