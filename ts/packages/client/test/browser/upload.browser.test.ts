import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { type Answering, json, problem, startServer } from '../failing-server.ts'

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

test('a browser uploads with progress, refusals and aborts', async (t) => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  })
  const script = outputFiles[0]?.text ?? ''
  const reported = Promise.withResolvers<string>()
  const uploads = [
    json(201, { name: 'data', version: 1 }),
    problem(413, 'Too large.'),
    // The third is never answered: the page gives up.
    () => {},
  ]
  const serve: Answering = (response, request) => {
    if (request.url === '/')
      response
        .setHeader('content-type', 'text/html')
        .end('<script type="module" src="/page.js"></script>')
    else if (request.url === '/page.js')
      response.setHeader('content-type', 'text/javascript').end(script)
    else if (request.url === '/v1/files') {
      assert.equal(request.headers['content-type'], 'text/csv')
      uploads.shift()?.(response, request)
    } else if (request.url === '/report') {
      reported.resolve(request.body)
      response.end()
    } else response.writeHead(404).end()
  }
  const server = await startServer(t)
  server.answer(serve)
  const profile = mkdtempSync(join(tmpdir(), 'upload-browser-'))
  const arguments_ = [...flags, `--user-data-dir=${profile}`, `${server.url}/`]
  const browser = spawn(chromium, arguments_, { stdio: 'ignore', detached: true })
  browser.on('error', reported.reject)
  t.after(async () => {
    const ended = new Promise((resolve) => browser.once('close', resolve))
    if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL')
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
  })
  const tooLate = setTimeout(() => reported.reject(new Error('the page reported nothing')), 60_000)
  const report: unknown = JSON.parse(await reported.promise)
  clearTimeout(tooLate)
  assert.deepEqual(report, {
    value: { name: 'data', version: 1 },
    last: { sentBytes: 3_000_000, totalBytes: 3_000_000 },
    refused: [413, 'Too large.', 'r-server'],
    aborted: 'aborted',
  })
})
