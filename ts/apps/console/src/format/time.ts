import { NO_BREAK_SPACE } from './number.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** How long ago an instant was, in the largest unit that fits; its date after thirty days. */
export function formatRelative(instant: Date, now: Date): string {
  const seconds = Math.floor((now.getTime() - instant.getTime()) / 1000)
  if (seconds < 10) return 'just now'
  if (seconds < MINUTE) return `${seconds}${NO_BREAK_SPACE}s ago`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}${NO_BREAK_SPACE}min ago`
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}${NO_BREAK_SPACE}h ago`
  if (seconds < 30 * DAY) return `${Math.floor(seconds / DAY)}${NO_BREAK_SPACE}d ago`
  return day.format(instant)
}

/** The day of an instant. */
export function formatDay(instant: Date): string {
  return day.format(instant)
}

/** An instant with its time zone. */
export function formatMoment(instant: Date): string {
  return moment.format(instant)
}

/** The reader's time zone at an instant, such as `Europe/Berlin, UTC+01:00`. */
export function formatZone(instant: Date, zone = localZone()): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  }).formatToParts(instant)
  const offset = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const utc = offset === 'GMT' ? 'UTC+00:00' : offset.replace('GMT', 'UTC')
  return zone === 'UTC' ? zone : `${zone}, ${utc}`
}

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
