import type { ProblemReason } from '#api/types.ts'
import { type Field, withInner } from './field.ts'
import type { Refusals } from './read-draft.ts'

/** The server's refusals at the fields they are about; what fits no field is left over. */
export function placeViolations(
  form: Field,
  violations: readonly ProblemReason[],
): { refusals: Refusals; rest: readonly ProblemReason[] } {
  const pointers = new Set(
    withInner(form)
      .filter((field) => field.kind !== 'group')
      .map((field) => field.pointer),
  )
  const placed = violations.map((violation) => ({
    violation,
    pointer: violation.in === 'body' ? nearest(violation.pointer, pointers) : null,
  }))
  const refusals = Object.fromEntries(
    placed.flatMap(({ violation, pointer }) =>
      pointer === null ? [] : [[pointer, violation.message] as const],
    ),
  )
  return {
    refusals,
    rest: placed.filter(({ pointer }) => pointer === null).map(({ violation }) => violation),
  }
}

/** The pointer itself or the closest one above it that has a field. */
function nearest(pointer: string, known: ReadonlySet<string>): string | null {
  if (known.has(pointer)) return pointer
  return pointer === '' ? null : nearest(pointer.slice(0, pointer.lastIndexOf('/')), known)
}
