import { createQueryClient } from '@lockstitch/react/query'
import { dehydrate, HydrationBoundary } from '@tanstack/react-query'
import { connection } from 'next/server'
import { listTasksQuery } from '../../api/queries'
import { serverClient } from '../../server/service'
import { NewTask } from './new-task'
import { TaskList } from './task-list'

export default async function TasksPage() {
  await connection()
  const queries = createQueryClient()
  await queries.prefetchQuery(listTasksQuery(serverClient()))
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <TaskList />
      <NewTask />
    </HydrationBoundary>
  )
}
