import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { NotesServer } from './notes-server.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place))
  assert(executablePath, `No Chromium at ${places.join(', ')}. Set CHROMIUM to its path.`)
  return chromium.launch({ executablePath, args: flags })
}

/** The page's script, with React's development build, because only that has a StrictMode. */
export async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"development"' },
    write: false,
  })
  const [bundle] = outputFiles
  assert(bundle, 'esbuild wrote nothing')
  return bundle.text
}

const html =
  '<!doctype html><title>Notes</title><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/page.js"></script>'

/** A scene in a browser window of its own, with a server of its own. */
export class Scene {
  readonly page: Page
  readonly notes: NotesServer

  private constructor(page: Page, notes: NotesServer) {
    this.page = page
    this.notes = notes
  }

  static async open(
    t: TestContext,
    browser: Browser,
    script: string,
    query: string,
    prepare: (notes: NotesServer) => void = () => {},
  ): Promise<Scene> {
    const notes = await NotesServer.start(t, { 'GET /': html, 'GET /page.js': script })
    prepare(notes)
    const context = await browser.newContext()
    t.after(() => context.close())
    context.setDefaultTimeout(5_000)
    const page = await context.newPage()
    const scene = new Scene(page, notes)
    await page.goto(`${notes.url}/?scene=${query}`)
    return scene
  }

  async click(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.page.getByRole('button', { name, exact: true }).click()
  }

  /** Waits until a part of the page says exactly this. */
  async shows(words: string, where = 'body'): Promise<void> {
    await this.page.locator(where).getByText(words, { exact: true }).first().waitFor()
  }

  /** What the outputs of the page say now, after every answer so far has been rendered. */
  async outputs(): Promise<readonly string[]> {
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))),
    )
    return this.page.locator('output').allTextContents()
  }
}
