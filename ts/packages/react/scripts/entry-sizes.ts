import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Bytes after minifying and gzip, without the peers. */
export const budgets = { index: 1536, query: 2560, stream: 512, swr: 1280 } as const

export interface EntrySize {
  readonly entry: string
  readonly bytes: number
  readonly budget: number
}

async function compressedBytes(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [new URL(`../src/${entry}.ts`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['react', '@tanstack/react-query', 'swr', 'swr/infinite'],
    write: false,
  })
  const [bundle] = outputFiles
  if (!bundle) throw new Error('esbuild wrote nothing')
  return gzipSync(bundle.contents, { level: 9 }).byteLength
}

export async function measureEntries(): Promise<readonly EntrySize[]> {
  const sizes: EntrySize[] = []
  for (const [entry, budget] of Object.entries(budgets)) {
    sizes.push({ entry, bytes: await compressedBytes(entry), budget })
  }
  return sizes
}
