import type { JsonValue } from '#api/types.ts'
import { formatShare } from '#format/number.ts'
import { shortened, wordsOf } from '#format/words.ts'
import { isJsonObject } from '#json.ts'

const SUMMARY_CHARACTERS = 140

/** An output that names one label and gives every label its probability. */
export type Classification = {
  readonly label: string
  readonly shares: readonly { readonly label: string; readonly share: number }[]
}

/** Reads an output as a classification, most probable label first, or null where it is none. */
export function classificationOf(output: JsonValue): Classification | null {
  if (!isJsonObject(output) || typeof output.label !== 'string') return null
  if (!isJsonObject(output.probabilities)) return null
  const shares = Object.entries(output.probabilities).flatMap(([label, share]) =>
    typeof share === 'number' ? [{ label, share }] : [],
  )
  if (shares.length !== Object.keys(output.probabilities).length) return null
  return { label: output.label, shares: shares.sort((a, b) => b.share - a.share) }
}

/** A label as a person reads it. */
export function labelWords(label: string): string {
  return wordsOf(label)
}

/** The answer as one sentence, such as "Positive, 93 %". */
export function sentenceOf(output: JsonValue): string {
  const classification = classificationOf(output)
  if (classification === null) return shortened(plainText(output), SUMMARY_CHARACTERS)
  const { label, shares } = classification
  const own = shares.find((candidate) => candidate.label === label)
  const words = labelWords(label)
  return own === undefined ? words : `${words}, ${formatShare(own.share, 0)}`
}

/** The part of an input that a person recognises it by: its first text, else all of it. */
export function inputSummary(input: JsonValue): string {
  if (!isJsonObject(input)) return shortened(plainText(input), SUMMARY_CHARACTERS)
  const firstText = Object.values(input).find((value) => typeof value === 'string')
  return shortened(plainText(firstText ?? input), SUMMARY_CHARACTERS)
}

function plainText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
