import { jobEventsChannel } from '../api/index.js'

const event = jobEventsChannel.decode({ type: 'started', data: { started_at: '2026-01-01T00:00:00Z' } })
const done = jobEventsChannel.decode({ type: 'done', data: { x_axis: 1, y_axis: 2 } })

console.log(
  JSON.stringify({
    stream: jobEventsChannel.stream({ jobId: 'a/b' }),
    nothing: jobEventsChannel.stream({ jobId: '' }).ok,
    // The type tells which data it is.
    started: event.ok && event.value.type === 'started' && event.value.data.startedAt instanceof Date,
    done: done.ok && done.value.type === 'done' && done.value.data.xAxis,
    unknown: jobEventsChannel.decode({ type: 'other', data: {} }).ok,
  }),
)
