// The connection is cut at a byte, three times in each run, in the middle of a live stream.
import { appendEvents, jobEventsChannel } from '../api/index.js'
import { clientOf, type Place, realtimeOf, told } from './place.js'

const first = 60
const last = 1500
const step = 45

export async function cuts(place: Place) {
  const client = clientOf(place)
  const seen: Record<string, readonly string[]> = {}
  for (let byte = first; byte < last; byte += step) {
    const jobId = `${place.name}-${byte}`
    const realtime = realtimeOf({ ...place, service: place.proxy }, {}, `&cut=${byte}&run=${jobId}`)
    await appendEvents(client, { jobId, body: { count: 6 } })
    seen[byte] = await told(realtime.subscribe(jobEventsChannel, { jobId }), async (items) => {
      if (items.length !== 4) return
      await appendEvents(client, { jobId, body: { count: 6, isDone: true } })
    })
  }
  return seen
}
