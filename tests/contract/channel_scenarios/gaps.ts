// Events that the service no longer has are told as gaps, also those that go while nobody reads.
import { appendEvents, drain, forgetEvents, jobEventsChannel, restoreJob } from '../api/index.js'
import { clientOf, gate, type Place, realtimeOf, told } from './place.js'

export async function gaps(place: Place) {
  const client = clientOf(place)
  const { name: jobId } = place
  let way = gate()
  way.open()
  const token = async () => {
    await way.passed
    return 'member'
  }
  /** Nobody reads while this happens: the next connection waits for its token. */
  const away = async (happen: () => Promise<unknown>) => {
    way = gate()
    await drain(client)
    await happen()
    way.open()
  }

  await appendEvents(client, { jobId, body: { count: 4 } })
  await forgetEvents(client, { jobId, upTo: 2 })
  return told(realtimeOf(place, { token }).subscribe(jobEventsChannel, { jobId }), async (seen) => {
    if (seen.at(-1) === '4') {
      await away(async () => {
        await appendEvents(client, { jobId, body: { count: 4 } })
        await forgetEvents(client, { jobId, upTo: 7 })
      })
    }
    if (seen.at(-1) === '8') {
      await away(async () => {
        await restoreJob(client, { jobId })
        await appendEvents(client, { jobId, body: { count: 9, isDone: true } })
      })
    }
  })
}
