import type { CallOptions } from './call.ts'
import type { ErrorContext } from './errors.ts'
import type { FetchInit } from './fetch-init.ts'
import { createHealth, type Health } from './health.ts'
import { type ClientOptions, defaults, type Settings } from './options.ts'

/** One request, ready to be sent as often as needed. */
export interface Outgoing {
  /** Counts the attempts; errors tell the rest. */
  readonly facts: ErrorContext & { attempts: number }
  readonly url: string
  readonly init: Omit<FetchInit, 'signal'>
  readonly fetch: CallOptions['fetch']
}

/** What the parts of one client have in common. */
export interface Transport {
  readonly settings: Settings
  readonly health: Health
  /** Aborted when the client is closed. */
  readonly closing: AbortController
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Response>
}

export function createTransport(options: ClientOptions): Transport {
  const settings: Settings = { ...defaults, ...options }
  return {
    settings,
    health: settings.health ?? createHealth(settings),
    closing: new AbortController(),
    // Not called at once: a wrapper that throws must fail the attempt, not the client.
    send: async ({ url, init, fetch = settings.fetch }, signal) =>
      settings.wrapFetch(fetch)(url, { ...init, signal }),
  }
}
