'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useActionState } from 'react'
import { invalidateAfterAddTask } from '../../api/queries'
import { addTaskAction } from './actions'

export function NewTask() {
  const queries = useQueryClient()
  const [sentence, add, isPending] = useActionState<string | undefined, FormData>(
    async (before, form) => {
      const failure = await addTaskAction(before, form)
      if (!failure) await invalidateAfterAddTask(queries)
      return failure
    },
    undefined,
  )
  return (
    <form action={add}>
      <label>
        Title <input name="title" />
      </label>
      <button type="submit" disabled={isPending}>
        Add
      </button>
      {sentence && <p role="alert">{sentence}</p>}
    </form>
  )
}
