const DAY_MILLISECONDS = 86_400_000

/** How long a new key may work. */
export const LIFETIMES = [
  { days: 30, words: '30 days' },
  { days: 90, words: '90 days' },
  { days: 365, words: 'One year' },
  { days: null, words: 'Until it is revoked' },
] as const

/** When a key of so many days stops to work; null for one without end. */
export function expiryOf(days: number | null, now: Date): Date | null {
  return days === null ? null : new Date(now.getTime() + days * DAY_MILLISECONDS)
}
