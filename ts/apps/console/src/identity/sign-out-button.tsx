'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deleteCurrentSessionMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { useAccountWatch } from './account-watch.tsx'

/** Ends the session, and forgets in this tab and the others what it has seen. */
export function useSignOut() {
  const queries = useQueryClient()
  const { announce } = useAccountWatch()
  return useMutation({
    ...deleteCurrentSessionMutation(useApi()),
    onSuccess: () => {
      announce()
      queries.clear()
      // A new document forgets everything that this one has in memory.
      window.location.assign('/sign-in/?signed-out')
    },
  })
}

/** The way out of a page that has no menu. */
export function SignOutButton() {
  const leave = useSignOut()
  return (
    <>
      {leave.isError && <ProblemNotice error={leave.error} />}
      <Button
        look="quiet"
        className="self-start"
        busy={leave.isPending}
        onClick={() => leave.mutate()}
      >
        Sign out
      </Button>
    </>
  )
}
