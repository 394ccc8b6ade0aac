'use client'

import { type UseMutationOptions, useMutation } from '@tanstack/react-query'
import type { Session } from '#api/types.ts'
import { useAccountWatch } from '#identity/account-watch.tsx'
import { HOME } from '#identity/return-path.ts'
import { confirmAccount } from '#identity/session-query.ts'
import { useApi } from '#service/api.tsx'
import type { Failure } from '#service/failure.ts'

/** Something after which the session acts for another organisation; then its first page opens. */
export function useEntrance<Input>(
  entrance: UseMutationOptions<Session, Failure, Input>,
  shown: Session,
) {
  const api = useApi()
  const { announce } = useAccountWatch()
  const { mutationFn: send } = entrance
  if (send === undefined) throw new Error('useEntrance needs something to send.')
  return useMutation({
    ...entrance,
    mutationFn: async (input: Input, context) => {
      await confirmAccount(context.client, api, shown)
      return send(input, context)
    },
    onSuccess: () => {
      announce()
      // A new document asks for everything anew and forgets what this one saw.
      window.location.assign(HOME)
    },
  })
}
