import { QueryClient, type QueryClientConfig } from '@tanstack/react-query'
import { readDates, spellDates } from './dates.ts'

/** Long enough that a page does not ask again for what its server has just rendered. */
const freshMilliseconds = 10_000

/**
 * Makes a cache that fits a generated client: it does not retry, because the client has done so
 * within its deadline; what a server has just read is fresh for 10 s unless the contract says
 * otherwise; and dates survive the way from server to browser in both routers of Next.js. Make one
 * for each request on a server.
 */
export function createQueryClient({ defaultOptions, ...config }: QueryClientConfig = {}) {
  return new QueryClient({
    ...config,
    defaultOptions: {
      ...defaultOptions,
      queries: { retry: false, staleTime: freshMilliseconds, ...defaultOptions?.queries },
      dehydrate: { serializeData: spellDates, ...defaultOptions?.dehydrate },
      hydrate: { deserializeData: readDates, ...defaultOptions?.hydrate },
    },
  })
}
