/** What wraps `fetch`: tokens, shared reads, interceptors. */
import type { Fetch, FetchInit, FetchWrapper } from './fetch-init.ts'

export { bearer, type TokenSource } from './bearer.ts'
export { shareReads } from './share-reads.ts'

/** Sees a request on its way out and its response on its way back, once for each attempt. */
export type Interceptor = (url: string, init: FetchInit, next: Fetch) => Promise<Response>

/** Makes a wrapper of an interceptor. */
export const intercept =
  (interceptor: Interceptor): FetchWrapper =>
  (fetch) =>
  (url, init) =>
    interceptor(url, init, fetch)

/**
 * Makes one wrapper of several; the first is the outermost.
 *
 * @example
 * ```ts
 * createClient({ baseUrl, wrapFetch: wrappers(bearer(token), shareReads()) })
 * ```
 */
export const wrappers =
  (...all: readonly FetchWrapper[]): FetchWrapper =>
  (fetch) =>
    all.reduceRight((inner, wrap) => wrap(inner), fetch)
