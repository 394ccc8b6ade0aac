'use client'

import { useMutation } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { JsonValue, ModelSummary, ProblemReason } from '#api/types.ts'
import type { Draft } from '#schema-form/field.ts'
import { draftOf } from '#schema-form/fill-draft.ts'
import { placeViolations } from '#schema-form/place-violations.ts'
import { type Refusals, readDraft } from '#schema-form/read-draft.ts'
import { readSchema } from '#schema-form/read-schema.ts'
import { useApi } from '#service/api.tsx'
import { reasonsOf } from '#service/failure.ts'
import { predictMutation } from './predict.ts'

export type PredictionFormState = ReturnType<typeof usePredictionForm>

/** What is typed, what was refused and what the model answered last. */
export function usePredictionForm(model: ModelSummary) {
  const form = useMemo(() => readSchema(model.inputSchema), [model.inputSchema])
  const [draft, setDraft] = useState<Draft>({})
  const [refusals, setRefusals] = useState<Refusals>({})
  const [leftOver, setLeftOver] = useState<readonly ProblemReason[]>([])
  const element = useRef<HTMLFormElement>(null)
  const attempt = useMutation({
    ...predictMutation(useApi(), model),
    onError: (failure) => {
      const placed = placeViolations(form, reasonsOf(failure))
      setRefusals(placed.refusals)
      setLeftOver(placed.rest)
    },
  })
  useFocusOnRefusal(element, refusals)
  const type = (pointer: string, typed: string) => {
    setDraft({ ...draft, [pointer]: typed })
    setRefusals(Object.fromEntries(Object.entries(refusals).filter(([key]) => key !== pointer)))
  }
  const fill = (example: JsonValue) => {
    setDraft(draftOf(form, example))
    setRefusals({})
    setLeftOver([])
  }
  const submit = () => {
    if (attempt.isPending) return
    const reading = readDraft(form, draft)
    setRefusals(reading.refusals ?? {})
    setLeftOver([])
    if (reading.refusals === null) attempt.mutate(reading.body)
  }
  return { ...attempt, form, draft, refusals, leftOver, element, type, fill, submit }
}

function useFocusOnRefusal(
  element: React.RefObject<HTMLFormElement | null>,
  refusals: Refusals,
): void {
  const count = Object.keys(refusals).length
  const before = useRef(0)
  useEffect(() => {
    // Only new refusals move the focus; mending one of several does not.
    if (count > before.current) {
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    }
    before.current = count
  }, [count, element])
}
