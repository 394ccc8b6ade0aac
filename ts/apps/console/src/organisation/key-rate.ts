const MOST = 1_000_000

/** What is typed as a limit: a number, null for none, undefined when it is neither. */
export function rateOf(text: string): number | null | undefined {
  const typed = text.trim()
  if (typed === '') return null
  const rate = /^\d+$/.test(typed) ? Number(typed) : 0
  return rate >= 1 && rate <= MOST ? rate : undefined
}
