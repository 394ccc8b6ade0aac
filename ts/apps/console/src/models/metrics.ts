import type { ModelSummary } from '#api/types.ts'
import { formatDuration } from '#format/duration.ts'
import { formatCount, formatNumber, formatShare } from '#format/number.ts'
import { pluralOf, wordsOf } from '#format/words.ts'

const SHARE = /(^|_)(accuracy|precision|recall|f1)$/

/** How good the model is on rows it has never seen, or null where that was not measured. */
export function heldOutSentence(model: ModelSummary): string | null {
  const { held_out_accuracy: accuracy, held_out_rows: rows } = model.metrics
  if (accuracy === undefined || rows === undefined) return null
  return `${formatShare(accuracy, 1)} on ${formatCount(rows)} held-out ${rowNoun(model)}`
}

/** Every metric with a readable name and a value in its unit. */
export function metricRows(model: ModelSummary): readonly { name: string; value: string }[] {
  return Object.entries(model.metrics).map(([name, value]) => metricRow(name, value))
}

function metricRow(name: string, value: number): { name: string; value: string } {
  if (name.endsWith('_seconds')) {
    return { name: `${metricWords(name.slice(0, -8))} time`, value: formatDuration(value) }
  }
  if (SHARE.test(name) && value >= 0 && value <= 1) {
    return { name: metricWords(name), value: formatShare(value, 1) }
  }
  return { name: metricWords(name), value: formatNumber(value) }
}

function metricWords(name: string): string {
  return wordsOf(name)
    .replace(/\bheld out\b/i, 'Held-out')
    .replace(/^Train\b/, 'Training')
}

/** What one row is called: the input's own name where it is one plain word. */
function rowNoun(model: ModelSummary): string {
  const { title } = model.inputSchema
  return typeof title === 'string' && /^[A-Z][a-z]+$/.test(title)
    ? pluralOf(title.toLowerCase())
    : 'rows'
}
