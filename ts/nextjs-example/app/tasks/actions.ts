'use server'

import { describeFailure } from '@lockstitch/react'
import { revalidatePath } from 'next/cache'
import { addTask } from '../../api'
import { serverClient } from '../../server/service'

/** Adds the task of a form. Returns the sentence to show, or undefined when it worked. */
export async function addTaskAction(_before: string | undefined, form: FormData) {
  try {
    await addTask(serverClient(), { title: String(form.get('title')) })
  } catch (error) {
    return describeFailure(error).sentence
  }
  revalidatePath('/tasks')
  return undefined
}
