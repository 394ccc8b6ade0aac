// The connection stands still for longer than the service waits; what was lost is asked for again.
import { appendEvents, jobEventsChannel, listCloses } from '../api/index.js'
import { clientOf, type Place, realtimeOf, told } from './place.js'

export async function slow(place: Place) {
  const client = clientOf(place)
  const { name: jobId } = place
  await appendEvents(client, { jobId, body: { count: 1200, logBytes: 16_384, isDone: true } })
  const realtime = realtimeOf({ ...place, service: place.proxy }, {}, `&stall=65536&run=${jobId}`)
  const seen = await told(realtime.subscribe(jobEventsChannel, { jobId }))
  return { seen, closes: await listCloses(client, { label: place.name }) }
}
