import type { ClientLayer } from './layer.ts'
import type { Method } from './operation.ts'

/** What a service says of an operation that will go. There is never a filled-in path or a value. */
export interface DeprecationNotice {
  readonly operation: string
  readonly method: Method
  /** The path template. */
  readonly path: string
  /** Since when it is deprecated; undefined when the service does not say it in a date. */
  readonly since: Date | undefined
  /** From when on it may be gone. */
  readonly sunset: Date | undefined
  /** Where a person reads more. */
  readonly link: string | undefined
}

/**
 * Tells a hook when an answer carries the header Deprecation (RFC 9745) or Sunset (RFC 8594), once
 * for each operation. A hook that throws does not break the call.
 *
 * @example
 * ```ts
 * createClient({ baseUrl, layers: [noticeDeprecation((notice) => console.warn(notice))] })
 * ```
 */
export function noticeDeprecation(onNotice: (notice: DeprecationNotice) => void): ClientLayer {
  const told = new Set<string>()
  return (call, next) => {
    const { id: operation, method, path } = call.operation
    if (told.has(operation)) return next(call)
    const send = call.options.fetch ?? call.client.settings.fetch
    const fetch: typeof send = async (url, init) => {
      const response = await send(url, init)
      const { headers } = response
      if (!told.has(operation) && (headers.has('deprecation') || headers.has('sunset'))) {
        told.add(operation)
        try {
          onNotice({ operation, method, path, ...read(headers) })
        } catch {
          // A broken logger must not break the call that it logs.
        }
      }
      return response
    }
    return next({ ...call, options: { ...call.options, fetch } })
  }
}

function read(headers: Headers): Pick<DeprecationNotice, 'since' | 'sunset' | 'link'> {
  const link = /<([^<>]*)>[^,]*;\s*rel="?deprecation"?/i.exec(headers.get('link') ?? '')
  return {
    since: moment(headers.get('deprecation')),
    sunset: moment(headers.get('sunset')),
    link: link?.[1],
  }
}

/** Reads `@1772323200`, and the date of HTTP that earlier drafts had. */
function moment(text: string | null): Date | undefined {
  const seconds = /^@(-?\d+)$/.exec(text ?? '')
  const found = new Date(seconds ? Number(seconds[1]) * 1000 : (text ?? ''))
  return Number.isNaN(found.getTime()) ? undefined : found
}
