import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { compressTree } from './compress.ts'
import { reportFirstLoad } from './first-load.ts'
import { publish } from './publish.ts'

const consoleDirectory = join(import.meta.dirname, '..')
const exported = join(consoleDirectory, 'out')
const published = join(consoleDirectory, '../../../src/lockstitch/console/static')

/** Builds the console and puts it where the Python package serves it from. */
async function build(): Promise<void> {
  await nextBuild()
  await publish(exported, published, compressTree)
  await reportFirstLoad(published)
}

function nextBuild(): Promise<void> {
  const child = spawn(process.execPath, [nextCommand(), 'build'], {
    cwd: consoleDirectory,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`next build ended with code ${code}; its own message is above.`))
    })
  })
}

function nextCommand(): string {
  const manifest = import.meta.resolve('next/package.json')
  return join(new URL(manifest).pathname, '../dist/bin/next')
}

await build()
