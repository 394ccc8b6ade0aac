import { QueryClient } from '@tanstack/react-query'
import {
  createModelMutation,
  deleteModelMutation,
  listModelsFieldsQuery,
  listModelsPages,
  listModelsQuery,
  prefetchListModels,
} from '../api/queries.js'
import { createClient, listCalls } from '../api/index.js'
import { client, print } from './connect.js'

const queries = new QueryClient()
const page = await queries.fetchQuery(listModelsQuery(client, { tagNames: ['a'] }))
// Fresh for 30 seconds, so this one asks nobody.
await queries.fetchQuery(listModelsQuery(client, { tagNames: ['a'] }))
await prefetchListModels(queries, client, { tagNames: ['a'] })
const asked = await listCalls(client)

const pages = await queries.fetchInfiniteQuery({ ...listModelsPages(client), pages: 5 })
const names = pages.pages.flatMap((one) => one.items.map((model) => model.modelName))
const some = await queries.fetchQuery(listModelsFieldsQuery(client, ['modelName']))

const staleBefore = isStale()
const mutations = queries.getMutationCache()
const create = mutations.build(queries, createModelMutation(client))
await create.execute({ modelName: 'new', createdAt: page.items[0]?.createdAt ?? new Date(0) })
const staleAfter = isStale()
await mutations.build(queries, deleteModelMutation(client)).execute({ modelName: 'new' })

const nobody = createClient({ baseUrl: 'http://127.0.0.1:9', deadlineSeconds: 5 })
const nobodyQuery = listModelsQuery(nobody, { cursor: 'nobody' })
await queries.prefetchQuery(nobodyQuery)
const failures = queries.getQueryState(nobodyQuery.queryKey)?.fetchFailureCount

function isStale() {
  const key = listModelsQuery(client, { tagNames: ['a'] }).queryKey
  return queries.getQueryState(key)?.isInvalidated
}

print({
  asked,
  names,
  labels: page.items[0]?.labelNames,
  some: Object.keys(some.items[0] ?? {}),
  staleBefore,
  staleAfter,
  failures,
})
