// A client that was generated long ago calls every operation of each newer service.
import {
  type Client,
  createClient,
  createItem,
  isPlainDate,
  listItems,
  move,
  type NewItem,
  names,
  orderItem,
  readItem,
  search,
  sendPicture,
} from '../api/index.js'

const [, , ...addresses] = process.argv
const today = '2026-05-06'
const least: NewItem = { title: 'Old', price: 0.5, quantity: 1, sku: 'ABC', kind: 'used' }
const most: NewItem = {
  title: 'A'.repeat(80),
  price: 10_000,
  quantity: 100,
  sku: 'XYZ',
  kind: 'new',
  colours: ['a', 'b', 'c', 'd', 'e'],
  uniqueWords: ['one', 'two'],
  note: null,
  availableFrom: isPlainDate(today) ? today : null,
  extra: { snake_key: 7 },
}

const calls: Record<string, (client: Client) => Promise<unknown>> = {
  listItems: (client) => listItems(client),
  listItemsWithAll: (client) =>
    listItems(client, { cursor: 'next', limit: 50, status: 'open', tag: ['a&b', 'c'] }),
  search: (client) => search(client, { query: 'lamp', fuzzy: true, xRegion: 'eu' }),
  createLeast: (client) => createItem(client, least),
  createMost: (client) => createItem(client, most),
  readItem: (client) => readItem(client, { id: 1 }),
  orderByCard: (client) =>
    orderItem(client, { id: 1, body: { payment: { method: 'card', number: '4111' } } }),
  orderByTransfer: (client) =>
    orderItem(client, {
      id: 1,
      body: { payment: { method: 'transfer', iban: 'DE00' }, comment: 'Thanks' },
    }),
  names: (client) => names(client),
  move: (client) => move(client, { x: 1, y: 2.5 }),
  sendPicture: (client) => sendPicture(client, { picture: new Blob(['bytes']), caption: 'Me' }),
}

const failures: Record<string, string> = {}
for (const [service, address] of addresses.entries()) {
  const client = createClient({ baseUrl: address, attempts: 1 })
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call(client)
    } catch (error) {
      failures[`${service} ${name}`] = error instanceof Error ? error.message : String(error)
    }
  }
}
console.log(JSON.stringify({ calls: Object.keys(calls).length * addresses.length, failures }))
