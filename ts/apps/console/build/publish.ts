import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const DOCS_ASSETS = [
  'swagger-ui-bundle.js',
  'swagger-ui.css',
  'favicon-32x32.png',
  'favicon-16x16.png',
] as const

/**
 * Replaces the published directory by the export, in one step.
 *
 * Everything is prepared in a sibling first, so that a server never sees half of it.
 */
export async function publish(
  exported: string,
  published: string,
  prepare: (directory: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(published)
  await mkdir(parent, { recursive: true })
  const work = await mkdtemp(join(parent, `.${basename(published)}-`))
  try {
    const fresh = join(work, 'fresh')
    await cp(exported, fresh, { recursive: true })
    await copyDocsAssets(join(fresh, 'docs-assets'))
    await prepare(fresh)
    await swap(published, fresh, join(work, 'former'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What the API reference page needs; it is served from here, so that it works offline. */
async function copyDocsAssets(target: string): Promise<void> {
  const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  await mkdir(target, { recursive: true })
  await Promise.all(DOCS_ASSETS.map((name) => cp(join(source, name), join(target, name))))
}

async function swap(current: string, fresh: string, former: string): Promise<void> {
  await rename(current, former).catch((error: unknown) => {
    // The first build has nothing to put aside.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })
  await rename(fresh, current)
}
