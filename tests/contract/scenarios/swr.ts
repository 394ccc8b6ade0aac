// The hooks are typed here; what they are given is run.
import type useSWR from 'swr'
import type useSWRInfinite from 'swr/infinite'
import type useSWRMutation from 'swr/mutation'
import type { ScopedMutator } from 'swr'
import type { ModelPage } from '../api/index.js'
import {
  createModelSwr,
  invalidateAfterCreateModel,
  listModelsSwr,
  listModelsSwrPages,
} from '../api/swr.js'
import { client, print } from './connect.js'

export function useHooks(
  swr: typeof useSWR,
  infinite: typeof useSWRInfinite,
  mutation: typeof useSWRMutation,
  mutate: ScopedMutator,
): ModelPage | undefined {
  const { data } = swr(...listModelsSwr(client, { tagNames: ['a'] }))
  const pages: ModelPage[] | undefined = infinite(...listModelsSwrPages(client)).data
  const { trigger } = mutation(...createModelSwr(client))
  void trigger({ modelName: 'x', createdAt: new Date(0) })
  void invalidateAfterCreateModel(mutate)
  return data ?? pages?.[0]
}

const [key, fetcher, configuration] = listModelsSwr(client, { tagNames: ['a'] })
const [keyOf, fetchPage] = listModelsSwrPages(client)
const first = await fetcher()
const following = keyOf(1, first)
const second = following && (await fetchPage(following))
const stale: boolean[] = []
await invalidateAfterCreateModel(async (matches) => {
  stale.push(matches(key), matches(['other']), matches(following))
})
print({
  key,
  configuration,
  first: first.items.length,
  second: second?.items[0]?.modelName,
  end: keyOf(1, { ...first, nextCursor: null }),
  stale,
})
