import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, NetworkError, type Operation, type RequestBody } from '../src/index.ts'
import { type UploadProgress, upload } from '../src/upload.ts'
import { json, startServer } from './failing-server.ts'
import { createModel, type Model } from './operations.ts'

const model: Model = { name: 'data', version: 1 }

const uploadFile: Operation<RequestBody, Model> = {
  ...createModel,
  layers: [],
  id: 'uploadFile',
  encode: (body) => ({ ok: true, value: { path: '/v1/files', body } }),
}

test('an upload tells how far it is, in bytes of the whole', async (t) => {
  const server = await startServer(t)
  server.answer(json(201, model))
  const seen: UploadProgress[] = []
  const file = new Blob(['x'.repeat(1_000_000)])
  const client = createClient({ baseUrl: server.url })
  const onProgress = (progress: UploadProgress) => seen.push(progress)
  assert.deepEqual(await upload(client, uploadFile, file, { onProgress }), model)
  assert.equal(server.requests[0]?.body.length, 1_000_000)
  assert.ok(seen.length > 1)
  assert.deepEqual(seen.at(-1), { sentBytes: 1_000_000, totalBytes: 1_000_000 })
  assert.ok(seen.every(({ sentBytes }, index) => sentBytes > (seen[index - 1]?.sentBytes ?? 0)))
})

test('a form keeps its content type, and its boundary fits', async (t) => {
  const server = await startServer(t)
  server.answer(json(201, model))
  const form = new FormData()
  form.set('file', new Blob(['a,b']), 'data.csv')
  await upload(createClient({ baseUrl: server.url }), uploadFile, form, { onProgress: () => {} })
  const [request] = server.requests
  const boundary = /boundary=(.+)$/.exec(request?.headers['content-type'] ?? '')?.[1]
  assert.ok(boundary && request?.body.includes(`--${boundary}`))
})

test('an upload that stands still is stopped', async (t) => {
  const server = await startServer(t)
  server.answer(() => {})
  const client = createClient({ baseUrl: server.url })
  const begun = performance.now()
  await assert.rejects(
    upload(client, uploadFile, new Blob(['x']), { onProgress: () => {}, stallSeconds: 0.1 }),
    (error) => NetworkError.isInstance(error),
  )
  assert.ok(performance.now() - begun < 2000)
})
