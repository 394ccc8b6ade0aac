'use client'

import { useMutation } from '@tanstack/react-query'
import { requestEmailConfirmationMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { OutboxHint } from './outbox-hint.tsx'

/** Sends the letter once more. */
export function ConfirmationLetter() {
  const ask = useMutation(requestEmailConfirmationMutation(useApi()))
  return (
    <div className="flex flex-col items-start gap-3">
      {ask.isSuccess && <p role="status">Another letter is on its way.</p>}
      {ask.isError && <ProblemNotice error={ask.error} />}
      <Button busy={ask.isPending} onClick={() => ask.mutate()}>
        Send the letter again
      </Button>
      <OutboxHint />
    </div>
  )
}
