/** Runs in a real browser: uploads a file by XMLHttpRequest and reports what it saw. */
import { createClient, type Operation, ProblemError } from '../../src/index.ts'
import { type UploadProgress, upload } from '../../src/upload.ts'
import { createModel, type Model } from '../operations.ts'

const uploadFile: Operation<Blob, Model> = {
  ...createModel,
  layers: [],
  id: 'uploadFile',
  encode: (body) => ({
    ok: true,
    value: { path: '/v1/files', body, headers: { 'content-type': 'text/csv' } },
  }),
}

const client = createClient({ baseUrl: '' })
const file = new Blob(['x'.repeat(3_000_000)])

async function tried(): Promise<object> {
  const seen: UploadProgress[] = []
  const options = { attempts: 1, onProgress: (progress: UploadProgress) => seen.push(progress) }
  const value = await upload(client, uploadFile, file, options)
  const refused = await upload(client, uploadFile, file, options).catch((error: unknown) =>
    ProblemError.isInstance(error) ? [error.status, error.sentence, error.requestId] : `${error}`,
  )
  const signal = AbortSignal.timeout(100)
  const aborted = await upload(client, uploadFile, file, { ...options, signal }).catch(
    (error: unknown) => Object(error).kind,
  )
  return {
    value,
    last: seen[0] && seen.findLast(({ sentBytes }) => sentBytes > 0),
    refused,
    aborted,
  }
}

const report = await tried().catch((error: unknown) => ({ failed: `${error}` }))
await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
