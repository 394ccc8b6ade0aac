import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const home = new URL('..', import.meta.url)

test('docs/nextjs.md shows the files that the tests build and run', async () => {
  const page = await readFile(new URL('../../../docs/nextjs.md', import.meta.url), 'utf8')
  const shown = [...page.matchAll(/^`([^`\n]+)`\n\n```\w+\n([\s\S]*?)\n```$/gm)]
  assert(shown.length >= 13, `only ${shown.length} files are shown`)
  for (const [, path = '', text] of shown) {
    const file = await readFile(new URL(path, home), 'utf8')
    assert.equal(text, file.trimEnd(), path)
  }
})

test('docs/nextjs.md generates as the test does', async () => {
  const page = await readFile(new URL('../../../docs/nextjs.md', import.meta.url), 'utf8')
  const { scripts } = JSON.parse(await readFile(new URL('package.json', home), 'utf8'))
  // This folder lies in another project, from whose root modules are imported otherwise.
  const command = scripts.client.replace(/^PYTHONPATH=\S+ /, '')
  assert(page.includes(`$ ${command}\n`))
})
