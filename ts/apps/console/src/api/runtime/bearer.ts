import type { FetchWrapper } from './fetch-init.ts'

/**
 * Gives the bearer token, or undefined for none. Asked before each request, so that a sign-out
 * takes effect at once; with `refresh` it must get a new one, because the service refused the last.
 */
export type TokenSource = (wish: {
  readonly refresh: boolean
}) => Promise<string | undefined> | string | undefined

/**
 * Sends a bearer token. When the service refuses it with 401, it is replaced, once for all requests
 * that were refused at the same time, and the request is sent once more.
 *
 * @example
 * ```ts
 * const token = async ({ refresh }) => (refresh ? await renewed() : session.token)
 * const client = createClient({ baseUrl, wrapFetch: bearer(token) })
 * ```
 */
export function bearer(source: TokenSource): FetchWrapper {
  let replacing: Promise<string | undefined> | undefined

  async function replacement(refused: string | undefined): Promise<string | undefined> {
    const current = await source({ refresh: false })
    return current === refused ? source({ refresh: true }) : current
  }

  return (fetch) => async (url, init) => {
    const sendAs = (token: string | undefined) => {
      // A token that came too late must not lead to a request after the deadline.
      init.signal.throwIfAborted()
      const headers = new Headers(init.headers)
      if (token) headers.set('authorization', `Bearer ${token}`)
      return fetch(url, { ...init, headers })
    }
    const token = await source({ refresh: false })
    const response = await sendAs(token)
    if (response.status !== 401) return response
    replacing ??= replacement(token).finally(() => {
      replacing = undefined
    })
    const fresh = await replacing.catch(() => token)
    return fresh === token ? response : sendAs(fresh)
  }
}
