'use client'

import { type UseMutationOptions, useMutation } from '@tanstack/react-query'
import { useApi } from '#service/api.tsx'
import type { Failure } from '#service/failure.ts'
import { useSignedIn } from './session.tsx'
import { confirmAccount } from './session-query.ts'

/** A write that leaves only in the name of the account that the page shows. */
export function useOwnMutation<Answer, Input>(options: UseMutationOptions<Answer, Failure, Input>) {
  const api = useApi()
  const shown = useSignedIn()
  const { mutationFn: send } = options
  if (send === undefined) throw new Error('useOwnMutation needs something to send.')
  return useMutation({
    ...options,
    mutationFn: async (input: Input, context) => {
      await confirmAccount(context.client, api, shown)
      return send(input, context)
    },
  })
}
