import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A failure that a test provokes; the browser reports it on its console as an error. */
export type ExpectedFailure = { readonly words: string; readonly path: string }

/** The address of the running server, which whoever starts the tests has started before. */
export function serverAddress(): string {
  const address = process.env.LOCKSTITCH_E2E_URL
  if (address) return address
  throw new Error('LOCKSTITCH_E2E_URL is not set. Start the server, then set it to its address.')
}

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place))
  if (executablePath === undefined) {
    throw new Error(`No Chromium at ${PLACES.join(', ')}. Install it, or set CHROMIUM to its path.`)
  }
  return chromium.launch({ executablePath, args: FLAGS })
}

/** One browser with a tab or several; whatever goes wrong on its pages is remembered. */
export class Window {
  readonly page: Page
  readonly #context: BrowserContext
  readonly #troubles: string[] = []
  readonly #expected: ExpectedFailure[] = [{ words: 'status of 401', path: '/v1/sessions/current' }]

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
    context.on('weberror', (error) => this.#troubles.push(`Uncaught: ${error.error().message}`))
    context.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      const { url } = message.location()
      if (!this.#isExpected(message.text(), url)) this.#troubles.push(`${message.text()} (${url})`)
    })
  }

  static async open(browser: Browser): Promise<Window> {
    const context = await browser.newContext({
      baseURL: serverAddress(),
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(30_000)
    return new Window(context, await context.newPage())
  }

  /** Opens one more tab, which shares the cookies of the first. */
  openTab(): Promise<Page> {
    return this.#context.newPage()
  }

  /** Declares a failure that is part of the test and no trouble. */
  expect(words: string, path: string): void {
    this.#expected.push({ words, path })
  }

  /** Ends the session as its expiry would: the browser has no cookie any more. */
  async forgetSession(): Promise<void> {
    await this.#context.clearCookies()
  }

  /** Cuts the network off, or gives it back. */
  async setOffline(offline: boolean): Promise<void> {
    await this.#context.setOffline(offline)
  }

  /** Closes the window; fails when a page reported an error or broke the security policy. */
  async close(): Promise<void> {
    await this.#context.close()
    assert.deepEqual(this.#troubles, [])
  }

  #isExpected(text: string, url: string): boolean {
    return this.#expected.some(({ words, path }) => text.includes(words) && url.includes(path))
  }
}
