import { NO_BREAK_SPACE } from './number.ts'

const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/**
 * A duration in the units that a person would say.
 *
 * @example formatDuration(0.0042) // '4.2 ms'
 * @example formatDuration(4320) // '1 h 12 min'
 */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.0001) return joined('< 0.1', 'ms')
  if (seconds < 0.9995) return joined(shortFraction(seconds * 1000), 'ms')
  if (seconds < 59.95) return joined(significant.format(seconds), 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return wholeMinutes(seconds)
  const rest = minutes % 60
  const hours = joined(String((minutes - rest) / 60), 'h')
  return rest === 0 ? hours : `${hours} ${joined(String(rest), 'min')}`
}

function wholeMinutes(seconds: number): string {
  const whole = Math.round(seconds)
  const rest = whole % 60
  const minutes = joined(String((whole - rest) / 60), 'min')
  return rest === 0 ? minutes : `${minutes} ${joined(String(rest), 's')}`
}

function shortFraction(milliseconds: number): string {
  return milliseconds < 10 ? String(Number(milliseconds.toFixed(1))) : milliseconds.toFixed(0)
}

function joined(amount: string, unit: string): string {
  return `${amount}${NO_BREAK_SPACE}${unit}`
}
