// A no-break space keeps a number and its unit on one line.
export const NO_BREAK_SPACE = '\u00a0'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A count with thousands separators. */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** Any number with as many digits as it deserves: whole when it is whole, else three that matter. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return whole.format(value)
  return Math.abs(value) >= 1000 ? whole.format(value) : significant.format(value)
}

/**
 * A share of one as a percentage.
 *
 * A share that is not quite nothing or not quite everything never reads as 0 or 100.
 *
 * @example formatShare(0.931, 0) // '93 %'
 */
export function formatShare(share: number, digits: 0 | 1): string {
  const step = digits === 0 ? 1 : 0.1
  const percent = share * 100
  if (percent > 0 && percent < step) return `<${NO_BREAK_SPACE}${step}${NO_BREAK_SPACE}%`
  if (percent < 100 && percent > 100 - step) {
    return `>${NO_BREAK_SPACE}${(100 - step).toFixed(digits)}${NO_BREAK_SPACE}%`
  }
  return `${percent.toFixed(digits)}${NO_BREAK_SPACE}%`
}
