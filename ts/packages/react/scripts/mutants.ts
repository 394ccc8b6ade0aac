/**
 * Switches one feature off at a time, and runs the tests that should notice. A mutant that no test
 * notices, or whose text is no longer in the source, fails the run.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** The test file, without `.test.ts`. */
  readonly tests: string
}

const isMutant = (value: unknown): value is Mutant => {
  const { name, file, from, to, tests }: Record<string, unknown> = Object(value)
  return [name, file, from, to, tests].every((text) => typeof text === 'string')
}

const home = new URL('..', import.meta.url).pathname
const patienceMilliseconds = 120_000

function readMutants(): readonly Mutant[] {
  const listed: unknown = JSON.parse(readFileSync(join(home, 'scripts/mutants.json'), 'utf8'))
  if (Array.isArray(listed) && listed.every(isMutant)) return listed
  throw new Error('mutants.json is malformed')
}

/** Whether these tests pass in this copy of the package. */
function pass(directory: string, tests: string): boolean {
  const run = spawnSync(
    process.execPath,
    ['--test', '--test-timeout', '15000', '--test-force-exit', `test/${tests}.test.ts`],
    { cwd: directory, stdio: 'ignore', timeout: patienceMilliseconds },
  )
  return run.status === 0
}

/** What is wrong with the tests for this mutant, or undefined when they noticed it. */
function complaint(directory: string, { file, from, to, tests }: Mutant): string | undefined {
  const path = join(directory, 'src', file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2) return 'its text is not in the source exactly once'
  // A hook that only a mutant uses is there too.
  const mutated = source
    .replace(from, () => to)
    .replace('  useInsertionEffect,\n', '  useEffect,\n  useInsertionEffect,\n')
  writeFileSync(path, mutated)
  const survived = pass(directory, tests)
  writeFileSync(path, source)
  return survived ? `it survived ${tests}` : undefined
}

const only = process.argv[2] ?? ''
const mutants = readMutants().filter(({ name }) => name.includes(only))
const complaints: string[] = []
const copy = mkdtempSync(join(home, '.mutant-'))
try {
  for (const part of ['src', 'test', 'package.json']) {
    cpSync(join(home, part), join(copy, part), { recursive: true })
  }
  for (const mutant of mutants) {
    const found = complaint(copy, mutant)
    console.info(`${found ? 'ALIVE ' : 'killed'} ${mutant.name}`)
    if (found) complaints.push(`${mutant.name} (${mutant.file}): ${found}`)
  }
} finally {
  rmSync(copy, { recursive: true })
}
console.info(`${mutants.length - complaints.length} of ${mutants.length} mutants were killed`)
for (const text of complaints) console.error(text)
process.exitCode = complaints.length ? 1 : 0
