import type { Clock } from './clock.ts'

/** The shortest upper bound of a wait, and of one after the service asked to be slow. */
const baseMilliseconds = 50
const throttledMilliseconds = 1000
const longestMilliseconds = 20_000

/** 429 and 503: the service is there and asks for fewer calls. */
export const isThrottled = (status: number | undefined): boolean => status === 429 || status === 503

/** What an answer says of a retry; without a status there was none. */
interface Wish {
  readonly status?: number
  readonly retryAfterSeconds?: number | undefined
}

/** Answers after which the same request may succeed; a conflict when it says how soon. */
export const isTransient = ({ status, retryAfterSeconds }: Wish): boolean =>
  /^((|408|425|429|50[0234]),|409,.)/.test(`${[status, retryAfterSeconds]}`)

/**
 * Milliseconds to wait before a retry: anything from nothing to a bound that doubles with each. The
 * service's own wish is a lower bound; a little jitter on top of it keeps its callers from coming
 * back in one wave.
 */
export function backoff(
  retry: number,
  throttled: boolean,
  wishedSeconds: number | undefined,
  random: () => number,
): number {
  const bound = (throttled ? throttledMilliseconds : baseMilliseconds) * 2 ** retry
  const wait = random() * Math.min(longestMilliseconds, bound)
  if (wishedSeconds === undefined) return wait
  return Math.max(wait, wishedSeconds * 1000 + random() * baseMilliseconds)
}

/** Seconds that a `Retry-After` header asks for, in either of its two spellings. */
export function retryAfter(headers: Headers, clock: Clock): number | undefined {
  const value = `${headers.get('retry-after')}`
  const seconds = Number(value)
  if (seconds >= 0) return seconds
  // By the service's own clock where it says it: the one here may be wrong.
  const wait = Date.parse(value) - (Date.parse(`${headers.get('date')}`) || clock.date())
  if (wait >= 0) return wait / 1000
  return
}
