/** TanStack Query 5 beneath the generated `queries.ts`. */
export { optimistic } from './optimistic.ts'
export { type Patch, patch } from './patch.ts'
export { createQueryClient } from './query-client.ts'
export { QueryErrorBoundary, QueryProvider } from './query-provider.ts'
