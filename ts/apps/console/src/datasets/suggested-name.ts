const LONGEST = 200

/** What a dataset may be called after its file: without the ending. */
export function suggestedName(fileName: string): string {
  return fileName.replace(/\.(csv|jsonl|ndjson|json|txt)$/i, '').slice(0, LONGEST)
}
