'use client'

import { FailureNotice } from '@lockstitch/react'
import { optimistic, patch } from '@lockstitch/react/query'
import { useMutation, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { listTasksQuery, renameTaskMutation } from '../../api/queries'
import { useClient } from '../providers'

export function TaskList() {
  const client = useClient()
  const { data, error, refetch } = useQuery(listTasksQuery(client))
  const rename = useMutation(
    optimistic(renameTaskMutation(client), ({ taskId, body }) => [
      patch(listTasksQuery(client).queryKey, ({ items }) => ({
        items: items.map((task) => (task.id === taskId ? { ...task, ...body } : task)),
      })),
    ]),
  )
  if (error) return <FailureNotice error={error} retry={refetch} />
  return (
    <ul>
      {data?.items.map(({ id, title, createdAt }) => (
        <li key={id}>
          <Link href={`/tasks/${id}`} prefetch={false}>
            {title}
          </Link>
          <time dateTime={createdAt.toISOString()}>{createdAt.getUTCFullYear()}</time>
          <button
            type="button"
            onClick={() => rename.mutate({ taskId: id, body: { title: `${title}!` } })}
          >
            Urgent
          </button>
        </li>
      ))}
      {rename.error && <FailureNotice error={rename.error} retry={rename.reset} />}
    </ul>
  )
}
