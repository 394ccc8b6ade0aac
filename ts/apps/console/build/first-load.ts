import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

// Browsers of today do not fetch what is meant for those without modules.
const SCRIPT = /<script(?![^>]*nomodule)[^>]*\ssrc="(\/[^"]+\.js)"/gi

/** Prints how much JavaScript each page asks for before it works, compressed with gzip. */
export async function reportFirstLoad(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const pages = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  console.log('\nFirst-load JavaScript, gzip')
  for (const page of pages) {
    const sizeBytes = await firstLoadBytes(directory, await readFile(page, 'utf8'))
    console.log(`  ${(sizeBytes / 1000).toFixed(1).padStart(6)} kB  /${relative(directory, page)}`)
  }
}

async function firstLoadBytes(directory: string, html: string): Promise<number> {
  const scripts = [...html.matchAll(SCRIPT)].flatMap((match) => match[1] ?? [])
  const sizes = await Promise.all([...new Set(scripts)].map((path) => gzipBytes(directory + path)))
  return sizes.reduce((total, size) => total + size, 0)
}

async function gzipBytes(file: string): Promise<number> {
  const compressed = await stat(`${file}.gz`).catch(() => null)
  return compressed?.size ?? gzipSync(await readFile(file), { level: 9 }).byteLength
}
