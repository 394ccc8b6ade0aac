/**
 * Switches one feature off at a time, and runs the tests that should notice. A mutant that no test
 * notices, or whose text is no longer in the source, fails the run.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Mutant {
  readonly name: string
  /** In the package; `test/api` is the generated client, and its copy of the runtime. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** The test file, without `.test.ts`. */
  readonly tests: string
  /** The tests of it that should notice, by words of their names. @default all */
  readonly only?: string
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
function pass(directory: string, tests: string, only = ''): boolean {
  const options = ['--test', '--test-timeout', '15000', '--test-force-exit']
  const run = spawnSync(
    process.execPath,
    [...options, '--test-name-pattern', only || '.', `test/${tests}.test.ts`],
    { cwd: directory, encoding: 'utf8', timeout: patienceMilliseconds },
  )
  // A pattern that fits no test must not look like a test that noticed nothing.
  if (/^ℹ tests 0$/m.test(run.stdout)) throw new Error(`no test of ${tests} has '${only}'`)
  return run.status === 0
}

/** What is wrong with the tests for this mutant, or undefined when they noticed it. */
function complaint(directory: string, mutant: Mutant): string | undefined {
  const { file, from, to, tests, only } = mutant
  const path = join(directory, file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2) return 'its text is not in the source exactly once'
  // A hook that only a mutant uses is there too.
  const mutated = source
    .replace(from, () => to)
    .replace('  useInsertionEffect,\n', '  useEffect,\n  useInsertionEffect,\n')
  writeFileSync(path, mutated)
  const survived = pass(directory, tests, only)
  writeFileSync(path, source)
  return survived ? `it survived ${tests} ${only ?? ''}` : undefined
}

const chosen = process.argv[2] ?? ''
const mutants = readMutants().filter(({ name }) => name.includes(chosen))
const complaints: string[] = []
const copy = mkdtempSync(join(home, '.mutant-'))
try {
  for (const part of ['src', 'test', 'package.json']) {
    cpSync(join(home, part), join(copy, part), { recursive: true })
  }
  for (const tests of new Set(mutants.map((mutant) => mutant.tests))) {
    if (!pass(copy, tests)) throw new Error(`${tests} fails without any mutant`)
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
