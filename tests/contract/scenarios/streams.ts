import { watchJob, watchNumbers, watchRaw, watchTicks } from '../api/index.js'
import { client, print } from './connect.js'

const ticks = []
for await (const tick of watchTicks(client)) ticks.push([tick.tickCount, tick.tickedAt instanceof Date])

const raw = []
for await (const event of watchRaw(client)) raw.push(event)

const numbers = []
for await (const event of watchNumbers(client)) {
  numbers.push(event.data)
  if (event.data === 5) break
}

const job = []
for await (const item of watchJob(client, { jobId: 'j' })) {
  if (item.kind !== 'event') job.push(item.kind)
  else if (item.value.type === 'started') job.push(item.value.data.tickCount)
  else job.push(item.value.data.doneShare)
}
print({ ticks, raw, numbers, job })
