import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Bytes after minifying and gzip. An entry counts what it adds to the core. */
export const budgets = {
  index: 4096,
  realtime: 1536,
  upload: 1536,
  batch: 1536,
  fields: 1536,
  fetch: 1536,
  degradation: 1536,
  observe: 1536,
  deprecation: 1536,
  result: 1536,
  consume: 1536,
} as const

export interface EntrySize {
  readonly entry: string
  readonly bytes: number
  readonly budget: number
}

const source = (entry: string) => new URL(`../src/${entry}.ts`, import.meta.url).pathname

/** What these entries cost when a page uses all that they export. */
async function compressedBytes(entries: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: entries.map((entry) => `export * from ${JSON.stringify(source(entry))}`).join('\n'),
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  const [bundle] = outputFiles
  if (!bundle) throw new Error('esbuild wrote nothing')
  return gzipSync(bundle.contents, { level: 9 }).byteLength
}

export async function measureEntries(): Promise<readonly EntrySize[]> {
  const core = await compressedBytes(['index'])
  const sizes: EntrySize[] = []
  for (const [entry, budget] of Object.entries(budgets)) {
    const together = entry === 'index' ? core : await compressedBytes(['index', entry])
    sizes.push({ entry, bytes: entry === 'index' ? core : together - core, budget })
  }
  return sizes
}
