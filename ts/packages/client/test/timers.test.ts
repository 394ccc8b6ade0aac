import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { type Clock, createClient, openStream } from '../src/index.ts'
import { json, problem, startServer } from './failing-server.ts'
import { readModel, watchTokens } from './operations.ts'

/** The system's clock, and how many of its timers are still to fire. */
function countingClock() {
  let open = 0
  const clock: Clock = {
    ...systemClock,
    after(milliseconds, run) {
      open++
      let over = false
      const end = () => {
        if (!over) open--
        over = true
      }
      const cancel = systemClock.after(milliseconds, () => {
        end()
        run()
      })
      return () => {
        end()
        cancel()
      }
    },
  }
  return { clock, open: () => open }
}

test('no timer is left behind, whatever comes of the call', async (t) => {
  const server = await startServer(t)
  const { clock, open } = countingClock()
  const client = createClient({ baseUrl: server.url, clock })
  server.answer(
    json(200, { name: 'x', version: 1 }),
    problem(503, 'Later.', { 'retry-after': '20' }),
  )
  await client.call(readModel, { name: 'x' })
  const waiting = client.call(readModel, { name: 'x' }, { signal: AbortSignal.timeout(50) })
  await assert.rejects(waiting)
  await assert.rejects(
    openStream(client, watchTokens, undefined, { signal: AbortSignal.timeout(50) }).next(),
  )
  assert.equal(open(), 0)
})
