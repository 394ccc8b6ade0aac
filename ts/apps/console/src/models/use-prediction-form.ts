'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type Violation, violationsOf } from '#api/errors.ts'
import type { Json } from '#api/json.ts'
import { type Model, predict } from '#api/models.ts'
import type { Draft } from '#schema-form/field.ts'
import { draftOf } from '#schema-form/fill-draft.ts'
import { placeViolations } from '#schema-form/place-violations.ts'
import { type Refusals, readDraft } from '#schema-form/read-draft.ts'
import { readSchema } from '#schema-form/read-schema.ts'

export type PredictionFormState = ReturnType<typeof usePredictionForm>

/** What is typed, what was refused and what the model answered last. */
export function usePredictionForm(model: Model) {
  const form = useMemo(() => readSchema(model.inputSchema), [model.inputSchema])
  const [draft, setDraft] = useState<Draft>({})
  const [refusals, setRefusals] = useState<Refusals>({})
  const [leftOver, setLeftOver] = useState<readonly Violation[]>([])
  const element = useRef<HTMLFormElement>(null)
  const client = useQueryClient()
  const attempt = useMutation({
    mutationFn: (input: Json) => predict(model, input),
    onSuccess: () => client.invalidateQueries({ queryKey: ['predictions'] }),
    onError: (error) => {
      const placed = placeViolations(form, violationsOf(error))
      setRefusals(placed.refusals)
      setLeftOver(placed.rest)
    },
  })
  useFocusOnRefusal(element, refusals)
  const type = (pointer: string, typed: string) => {
    setDraft({ ...draft, [pointer]: typed })
    setRefusals(Object.fromEntries(Object.entries(refusals).filter(([key]) => key !== pointer)))
  }
  const fill = (example: Json) => {
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
