/** What a program learns of one answer, in a form that another language can judge. */

export type Seen = { readonly date: string } | { readonly text: string } | { readonly other: string }

export type Outcome =
  | { readonly kind: 'value'; readonly dates: Readonly<Record<string, Seen>> }
  | { readonly kind: 'problem'; readonly status: number; readonly code: string; readonly at: Seen }
  | { readonly kind: 'error'; readonly status: number | null; readonly name: string }

/** The real type of what a client delivers, whatever its declared type says. */
export function seen(value: unknown): Seen {
  if (value instanceof Date) return { date: Number.isNaN(value.getTime()) ? '' : value.toISOString() }
  return typeof value === 'string' ? { text: value } : { other: `${value}` }
}

export function failed(error: unknown, status: number | null = null): Outcome {
  return { kind: 'error', status, name: error instanceof Error ? error.name : typeof error }
}

/** Reads every prediction that the arguments name, and prints what was learnt. */
export async function tell(read: (id: string) => Promise<Outcome>): Promise<void> {
  const outcomes: Outcome[] = []
  for (const id of process.argv.slice(3)) {
    outcomes.push(await read(id).catch((error: unknown) => failed(error)))
  }
  process.stdout.write(JSON.stringify(outcomes))
}

export const baseUrl = process.argv[2] ?? ''
