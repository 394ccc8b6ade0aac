import assert from 'node:assert/strict'
import type { ClientError } from '../src/index.ts'

/** The error of a call that must fail with this class. */
export async function failure<Failed extends ClientError>(
  kind: abstract new (context: never) => Failed,
  call: Promise<unknown>,
): Promise<Failed> {
  const error: unknown = await call.then(
    (value) => assert.fail(`succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof kind) return error
  throw error
}

/** Waits until something is so; fails after two seconds. */
export async function gone(is: () => unknown): Promise<void> {
  const until = performance.now() + 2000
  while (!is()) {
    assert.ok(performance.now() < until, 'it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
