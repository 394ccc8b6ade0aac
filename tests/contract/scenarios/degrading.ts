import { createModel, goDown, listModels, listModelsOperation } from '../api/index.js'
import { client, print } from './connect.js'

const response = await fetch(`${process.argv[2]}/models`)
const before = await listModels(client)
await goDown(client, { isDown: true })
const stale = await client.exchange(listModelsOperation, {}, { attempts: 1 })
await goDown(client, { isDown: false })
const written = await createModel(client, { modelName: 'x', createdAt: new Date(0) })
print({
  cacheControl: response.headers.get('cache-control'),
  same: JSON.stringify(stale.value) === JSON.stringify(before),
  isStale: stale.staleSeconds !== undefined,
  key: (written.labelNames['key'] ?? '').length > 0,
})
