import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

const consoleDirectory = join(import.meta.dirname, '..')
const workspaceDirectory = join(consoleDirectory, '..', '..')

const configuration = ['next.config.ts', 'package.json', 'postcss.config.mjs', 'tsconfig.json']

/** A short hash of everything that the built console depends on. */
export async function sourceDigest(): Promise<string> {
  const files = [
    ...(await filesUnder(join(consoleDirectory, 'src'))),
    ...configuration.map((name) => join(consoleDirectory, name)),
    join(workspaceDirectory, 'package-lock.json'),
  ]
  const hash = createHash('sha256')
  for (const file of files) {
    const content = await readFile(file)
    hash.update(`${relative(workspaceDirectory, file)}\0${content.byteLength}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 20)
}

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
