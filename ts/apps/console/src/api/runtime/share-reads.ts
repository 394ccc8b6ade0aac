import type { Fetch, FetchInit, FetchWrapper } from './fetch-init.ts'

interface Flight {
  readonly response: Promise<Response>
  readonly controller: AbortController
  waiting: number
}

const identity = (url: string, { headers, credentials }: FetchInit) =>
  JSON.stringify([url, credentials, [...headers]])

/**
 * Lets identical GETs that are under way at the same time share one request. Headers belong to the
 * identity, so callers with different tokens never share. Each caller may abort on its own; the
 * request itself is aborted when all have.
 */
export function shareReads(): FetchWrapper {
  const flights = new Map<string, Flight>()

  function begin(fetch: Fetch, url: string, init: FetchInit, key: string): Flight {
    const controller = new AbortController()
    const response = fetch(url, { ...init, signal: controller.signal })
    const flight = { response, controller, waiting: 0 }
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    response.then(land, land)
    flights.set(key, flight)
    return flight
  }

  return (fetch) => async (url, init) => {
    if (init.method !== 'GET') return fetch(url, init)
    init.signal.throwIfAborted()
    const key = identity(url, init)
    const flight = flights.get(key) ?? begin(fetch, url, init, key)
    flight.waiting++
    init.signal.addEventListener('abort', () => {
      if (--flight.waiting > 0) return
      if (flights.get(key) === flight) flights.delete(key)
      flight.controller.abort(init.signal.reason)
    })
    // Each caller reads a copy of its own.
    return (await flight.response).clone()
  }
}
