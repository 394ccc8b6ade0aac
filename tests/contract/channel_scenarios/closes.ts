// What ends one stream, what ends all, and what only makes the client come back.
import { ClientError } from '../api/index.js'
import { appendEvents, drain, jobEventsChannel, listCloses, listStreams } from '../api/index.js'
import { clientOf, type Place, realtimeOf, told } from './place.js'

const failure = (reading: Promise<unknown>) =>
  reading.then(
    () => 'no failure',
    (error: unknown) =>
      ClientError.isInstance(error)
        ? [error.kind, error.status ?? error.cause, error.sentence]
        : `${error}`,
  )

export async function closes(place: Place) {
  const client = clientOf(place)
  const { name: jobId } = place
  await appendEvents(client, { jobId, body: { count: 2 } })
  const realtime = realtimeOf(place)
  const old = realtimeOf(place, {}, '&version=0')
  const outsider = realtimeOf(place, { token: () => 'outsider' })
  const nobody = realtimeOf(place, { token: () => undefined })
  const absent = { jobId: `${place.name}-absent` }
  const failures = {
    absent: await failure(told(realtime.subscribe(jobEventsChannel, absent))),
    nameless: await failure(told(realtime.subscribe(jobEventsChannel, { jobId: '' }))),
    nobody: await failure(told(nobody.subscribe(jobEventsChannel, { jobId }))),
    outsider: await failure(told(outsider.subscribe(jobEventsChannel, { jobId }))),
    old: await failure(told(old.subscribe(jobEventsChannel, { jobId }))),
  }

  // Two streams over one socket; leaving one leaves the other, and both survive a drain.
  const other = { jobId: `${place.name}-other` }
  await appendEvents(client, { ...other, body: { count: 1 } })
  const stream = realtime.subscribe(jobEventsChannel, other)
  await stream.next()
  let streams: readonly (readonly string[])[] = []
  const seen = await told(realtime.subscribe(jobEventsChannel, { jobId }), async (items) => {
    if (items.length !== 2) return
    const both = await listStreams(client)
    await stream.return()
    // The unsubscription has no answer, so ask until it has been seen.
    let one = both
    while (one.length === both.length) one = await listStreams(client)
    streams = [both, one]
    await drain(client)
    await appendEvents(client, { jobId, body: { count: 1, isDone: true } })
  })
  return { failures, seen, streams, closes: await listCloses(client, { label: place.name }) }
}
