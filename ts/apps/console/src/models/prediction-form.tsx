'use client'

import { type FormEvent, type KeyboardEvent, useId } from 'react'
import type { JsonValue, ModelSummary } from '#api/types.ts'
import { inputSummary } from '#predictions/summary.ts'
import { SchemaFields } from '#schema-form/schema-form.tsx'
import { Button } from '#ui/button.tsx'
import { FieldError } from '#ui/field-frame.tsx'
import { ResultPanel } from './result-panel.tsx'
import { usePredictionForm } from './use-prediction-form.ts'

/** The form made from the model's input schema, and beside it what the model answers. */
export function PredictionForm({ model }: { model: ModelSummary }) {
  const state = usePredictionForm(model)
  const heading = useId()
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    state.submit()
  }
  // In a text of several lines Enter makes a line, so Ctrl + Enter submits.
  const handleKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) state.submit()
  }
  return (
    <div className="grid items-start gap-8 lg:grid-cols-2">
      <form
        ref={state.element}
        noValidate
        aria-labelledby={heading}
        onSubmit={handleSubmit}
        onKeyDown={handleKey}
        className="flex min-w-0 flex-col gap-5"
      >
        <h2 id={heading} className="font-semibold">
          Input
        </h2>
        {model.examples.length > 0 && <Examples model={model} onChoose={state.fill} />}
        <SchemaFields
          form={state.form}
          draft={state.draft}
          refusals={state.refusals}
          onType={state.type}
        />
        {state.leftOver.map((violation) => (
          <FieldError key={violation.pointer + violation.rule}>
            {violation.pointer === '' ? '' : `${violation.pointer}: `}
            {violation.message}
          </FieldError>
        ))}
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" busy={state.isPending}>
            {state.isPending ? 'Predicting…' : 'Predict'}
          </Button>
          <Hint model={model} />
        </div>
      </form>
      <ResultPanel model={model} state={state} />
    </div>
  )
}

function Hint({ model }: { model: ModelSummary }) {
  if (model.state === 'loading') {
    return <span className="text-xs text-quiet">The model is still loading; it may refuse.</span>
  }
  return <kbd className="hidden font-sans text-xs text-quiet sm:inline">Ctrl + Enter</kbd>
}

type ExamplesProps = { model: ModelSummary; onChoose: (example: JsonValue) => void }

function Examples({ model, onChoose }: ExamplesProps) {
  return (
    <fieldset className="flex min-w-0 flex-wrap items-center gap-2">
      <legend className="mb-1.5 text-xs text-quiet">Fill in an example</legend>
      {model.examples.map((example) => (
        <Button
          key={JSON.stringify(example)}
          size="small"
          className="max-w-full"
          onClick={() => onChoose(example)}
        >
          <span className="truncate font-normal">{inputSummary(example)}</span>
        </Button>
      ))}
    </fieldset>
  )
}
