import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SimulationReport, simulate } from './simulation.ts'

const seeds = Number(process.env.SEEDS ?? 10_000)

test(`no rule is broken in ${seeds} simulations`, async (t) => {
  const report: SimulationReport = {
    calls: 0,
    requests: 0,
    retries: 0,
    waits: 0,
    timeouts: 0,
    virtualSeconds: 0,
  }
  for (let seed = 1; seed <= seeds; seed++) {
    await simulate(seed, report).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause })
    })
  }
  t.diagnostic(JSON.stringify(report))
  // The simulation must not pass because nothing happened in it.
  assert.ok(report.retries > seeds / 2, 'there were retries')
  assert.ok(report.waits > seeds / 4, 'there were waits')
  assert.ok(report.timeouts > seeds / 10, 'there were timeouts')
})
