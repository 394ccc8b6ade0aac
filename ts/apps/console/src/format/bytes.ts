import { formatNumber, NO_BREAK_SPACE } from './number.ts'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/**
 * A size in the unit that suits it, in steps of 1,000.
 *
 * @example formatBytes(1_234_567) // '1.23 MB'
 */
export function formatBytes(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${formatNumber(size)}${NO_BREAK_SPACE}${UNITS[unit]}`
}
