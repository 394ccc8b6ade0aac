import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { freePort, listening, Relay, start } from './service.ts'

const ports = { service: await freePort(), relay: await freePort(), web: await freePort() } as const
const origin = `http://127.0.0.1:${ports.web}`
const serviceUrl = `http://127.0.0.1:${ports.relay}`
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const relay = new Relay(ports.service)
const children: ChildProcess[] = []
let browser: Browser
let page: Page
const troubles: string[] = []

async function finished(program: string, ...words: readonly string[]): Promise<void> {
  const environment = { SERVICE_URL: serviceUrl, NEXT_TELEMETRY_DISABLED: '1' }
  const [code] = await once(start(program, words, environment), 'exit')
  assert.equal(code, 0, `${program} ${words.join(' ')}`)
}

async function serving(port: number, program: string, ...words: readonly string[]) {
  await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), `port ${port} is taken`)
  const child = start(program, words, { SERVICE_URL: serviceUrl })
  children.push(child)
  await listening(port, child)
}

before(async () => {
  await finished('npm', 'run', '--silent', 'client')
  await finished('npm', 'run', '--silent', 'build')
  await relay.listen(ports.relay)
  const { service, web } = ports
  await serving(service, 'python', '-m', 'uvicorn', 'service:app', `--port=${service}`)
  await serving(web, '../node_modules/.bin/next', 'start', '-H', '127.0.0.1', '-p', `${web}`)
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place))
  assert(executablePath, `No Chromium at ${places.join(', ')}. Set CHROMIUM to its path.`)
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  browser = await chromium.launch({ executablePath, args })
  const context = await browser.newContext({ baseURL: origin })
  context.setDefaultTimeout(10_000)
  page = await context.newPage()
  page.on('pageerror', (error) => troubles.push(error.message))
})

after(async () => {
  await browser?.close()
  for (const { pid } of children) if (pid) process.kill(-pid, 'SIGKILL')
  relay.close()
})

const listed = 'GET /tasks'
const button = (name: string) => page.getByRole('button', { name }).first()

test('a server action adds, and what it changed is shown', async () => {
  await page.goto('/tasks')
  await page.getByLabel('Title').fill('Write the report')
  await button('Add').click()
  await page.getByRole('link', { name: 'Write the report' }).waitFor()
})

test('a server action answers with a sentence when the contract refuses the input', async () => {
  const before = relay.count('POST /tasks')
  await page.getByLabel('Title').fill('')
  await button('Add').click()
  await page.getByRole('alert').getByText('The request was not valid.').waitFor()
  assert.equal(relay.count('POST /tasks'), before)
})

test('the server has read what the page shows, and the browser does not ask again', async () => {
  const before = relay.count(listed)
  const answer = await page.goto('/tasks')
  const html = (await answer?.text()) ?? ''
  assert(html.includes('Write the report'))
  assert(/<time dateTime="\d{4}-\d\d-\d\dT/.test(html))
  await page.getByRole('link', { name: 'Write the report' }).waitFor()
  await page.waitForLoadState('networkidle')
  assert.equal(relay.count(listed), before + 1)
  assert.deepEqual(troubles, [])
})

test('a write shows at once, and is taken back when the service fails', async () => {
  relay.break('PUT /tasks/1')
  const release = relay.hold('PUT /tasks/1')
  await button('Urgent').click()
  await page.getByRole('link', { name: 'Write the report!' }).waitFor()
  release()
  await page.getByRole('alert').getByText('The service failed.').waitFor()
  await page.getByRole('link', { name: 'Write the report', exact: true }).waitFor()
  relay.repair('PUT /tasks/1')
  await button('Urgent').click()
  await page.getByRole('link', { name: 'Write the report!' }).waitFor()
})

test('loading.tsx stands in while the server waits', async () => {
  const release = relay.hold('GET /tasks/1')
  await page.getByRole('link', { name: 'Write the report!' }).click()
  await page.getByRole('status').getByText('Loading…').waitFor()
  release()
  await page.getByRole('heading', { name: 'Write the report!' }).waitFor()
})

test('a declared 404 becomes the page for it', async () => {
  const answer = await page.goto('/tasks/77')
  await page.getByText('This page could not be found.').waitFor()
  assert.match((await answer?.text()) ?? '', /noindex/)
})

test('error.tsx tells what to quote, and trying again works', async () => {
  relay.break('GET /tasks/1')
  await page.goto('/tasks/1')
  await page.getByText('Something went wrong.').waitFor()
  assert.match(await page.getByRole('alert').first().innerText(), /Request \d+/)
  relay.repair('GET /tasks/1')
  await button('Try again').click()
  await page.getByRole('heading', { name: 'Write the report!' }).waitFor()
})

test('events pass through the rewrite at once, although Next.js compresses', async () => {
  await page.goto('/live')
  await page.getByText('1 tasks', { exact: true }).waitFor()
  await page.request.post(`${serviceUrl}/tasks`, { data: { title: 'Another one' } })
  await page.getByText('2 tasks', { exact: true }).waitFor()
  const left = relay.left('GET /task-count')
  await page.goto('about:blank')
  await left
})

test('dates survive the props of the Pages Router', async () => {
  troubles.length = 0
  const before = relay.count(listed)
  await page.goto('/report')
  await page.getByText(/^Another one, \d{4}-\d\d-\d\dT.*Z$/).waitFor()
  await page.waitForLoadState('networkidle')
  assert.equal(relay.count(listed), before + 1)
  assert.deepEqual(troubles, [])
})
