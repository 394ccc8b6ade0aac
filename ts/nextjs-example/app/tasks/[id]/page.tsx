import { notFound } from 'next/navigation'
import { readTaskOperation } from '../../../api'
import { result } from '../../../api/runtime/result'
import { serverClient } from '../../../server/service'

export default async function TaskPage({ params }: { params: Promise<{ id: string }> }) {
  const taskId = Number((await params).id)
  const answer = await result(serverClient(), readTaskOperation, { taskId })
  if (answer.ok) return <h1>{answer.value.title}</h1>
  if (answer.error.kind === 'problem' && answer.error.status === 404) notFound()
  throw answer.error
}
