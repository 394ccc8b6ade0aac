/**
 * Breaks the runtime on purpose, one edit at a time, and runs the tests that should notice. A mutant
 * that no test notices, or whose text is no longer in the source, fails the run.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** The test files, without `.test.ts`. */
  readonly tests: readonly string[]
}

const isMutant = (value: unknown): value is Mutant => {
  const { name, file, from, to, tests }: Record<string, unknown> = Object(value)
  return [name, file, from, to].every((text) => typeof text === 'string') && Array.isArray(tests)
}

const home = new URL('..', import.meta.url).pathname
const workers = 2
const patienceMilliseconds = 60_000

function readMutants(): readonly Mutant[] {
  const listed: unknown = JSON.parse(readFileSync(join(home, 'scripts/mutants.json'), 'utf8'))
  if (!Array.isArray(listed) || !listed.every(isMutant))
    throw new Error('mutants.json is malformed')
  return listed
}

/** A copy of the package in which a mutant can live without disturbing anyone. */
function copyPackage(): string {
  const copy = mkdtempSync(join(home, '.mutant-'))
  for (const part of ['src', 'test', 'scripts', 'package.json']) {
    cpSync(join(home, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(home, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Whether these tests pass. They are stopped at the first failure, or when they never end. */
function pass(
  directory: string,
  tests: readonly string[],
  patience = patienceMilliseconds,
): Promise<boolean> {
  return new Promise((resolve) => {
    const files = tests.map((name) => `test/${name}.test.ts`)
    const run = spawn(process.execPath, ['--test', '--test-reporter=tap', ...files], {
      cwd: directory,
      env: { ...process.env, SEEDS: '400' },
      stdio: ['ignore', 'pipe', 'ignore'],
      // A group of its own, so that the processes of the test files end with it.
      detached: true,
    })
    const stop = () => {
      if (run.pid !== undefined && run.exitCode === null) process.kill(-run.pid, 'SIGKILL')
    }
    const timer = setTimeout(stop, patience)
    run.stdout.on('data', (text) => {
      if (/^\s*not ok /m.test(String(text))) stop()
    })
    run.on('close', (code) => {
      clearTimeout(timer)
      resolve(code === 0)
    })
  })
}

/** What is wrong with the tests for this mutant, or undefined when they noticed it. */
async function complaint(directory: string, mutant: Mutant): Promise<string | undefined> {
  const path = join(directory, 'src', mutant.file)
  const source = readFileSync(path, 'utf8')
  if (source.split(mutant.from).length !== 2) return 'its text is not in the source exactly once'
  writeFileSync(
    path,
    source.replace(mutant.from, () => mutant.to),
  )
  const survived = await pass(directory, mutant.tests)
  writeFileSync(path, source)
  return survived ? `it survived ${mutant.tests.join(', ')}` : undefined
}

async function main(): Promise<void> {
  // Words of names choose some.
  const mutants = readMutants().filter(({ name }) => name.includes(process.argv[2] ?? ''))
  const total = mutants.length
  const complaints: string[] = []
  const used = [...new Set(mutants.flatMap(({ tests }) => tests))]
  const directories = Array.from({ length: workers }, copyPackage)
  try {
    const [first = home] = directories
    // All tests one after the other, perhaps on a busy machine.
    const isSound = await pass(first, used, 5 * patienceMilliseconds)
    if (!isSound) throw new Error('the tests fail without any mutant')
    await Promise.all(
      directories.map(async (directory) => {
        for (let mutant = mutants.shift(); mutant; mutant = mutants.shift()) {
          const found = await complaint(directory, mutant)
          console.info(`${found ? 'ALIVE ' : 'killed'} ${mutant.name}`)
          if (found) complaints.push(`${mutant.name} (${mutant.file}): ${found}`)
        }
      }),
    )
  } finally {
    for (const directory of directories) rmSync(directory, { recursive: true })
  }
  console.info(`${total - complaints.length} of ${total} mutants were killed`)
  for (const text of complaints) console.error(text)
  process.exitCode = complaints.length ? 1 : 0
}

await main()
