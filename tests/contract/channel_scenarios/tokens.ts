// A token is replaced over the open socket, and after a close because it has expired.
import { appendEvents, expireToken, jobEventsChannel, listCloses } from '../api/index.js'
import { clientOf, type Place, realtimeOf, told } from './place.js'

export async function tokens(place: Place) {
  const client = clientOf(place)
  const { name: jobId } = place
  const [first, second, third] = ['first', 'second', 'third'].map((one) => `${place.name}-${one}`)
  const wishes: boolean[] = []
  let current = first
  const realtime = realtimeOf(place, {
    token: ({ refresh }) => {
      wishes.push(refresh)
      if (refresh) current = third
      return current
    },
  })
  await appendEvents(client, { jobId, body: { count: 1 } })
  const seen = await told(realtime.subscribe(jobEventsChannel, { jobId }), async (items) => {
    if (items.length === 1) {
      current = second
      await realtime.authenticate()
      // Answered only after the frame above: it went the same way before.
      await appendEvents(client, { jobId, body: { count: 1 } })
    }
    if (items.length === 2) {
      await expireToken(client, { token: first ?? '' })
      await appendEvents(client, { jobId, body: { count: 1 } })
    }
    if (items.length === 3) {
      await expireToken(client, { token: second ?? '' })
      await appendEvents(client, { jobId, body: { count: 1, isDone: true } })
    }
  })
  return { seen, wishes, closes: await listCloses(client, { label: place.name }) }
}
