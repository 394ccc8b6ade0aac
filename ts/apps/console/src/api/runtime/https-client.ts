/** What generated clients export as `createClient`: it sends nothing where all can read it. */
import { type Client, createClient } from './client.ts'
import type { ClientOptions } from './options.ts'

export interface HttpsClientOptions extends ClientOptions {
  /**
   * Lets requests go to another machine by plain http, where everybody between can read them.
   * @default false
   */
  readonly insecureHttp?: boolean
}

// Nothing on the way to these leaves the machine.
const loopback = /^http:\/\/(([\w-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i

/**
 * Makes a client. Throws a `TypeError` when `baseUrl` is of plain http and of another machine.
 *
 * @example
 * ```ts
 * const client = createHttpsClient({ baseUrl: 'https://api.example.com' })
 * const inCluster = createHttpsClient({ baseUrl: 'http://api:8000', insecureHttp: true })
 * ```
 */
export function createHttpsClient({
  insecureHttp = false,
  ...options
}: HttpsClientOptions): Client {
  const { baseUrl } = options
  if (!insecureHttp && /^\s*http:/i.test(baseUrl) && !loopback.test(baseUrl)) {
    throw new TypeError(
      'The baseUrl is of plain http: everybody between could read tokens and data. ' +
        'Use https, or say insecureHttp: true in a network that you trust.',
    )
  }
  return createClient(options)
}
