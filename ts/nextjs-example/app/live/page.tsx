'use client'

import { useStream } from '@lockstitch/react/stream'
import { useState } from 'react'
import { watchTaskCount } from '../../api'
import { useClient } from '../providers'

export default function LivePage() {
  const client = useClient()
  const [count, setCount] = useState<number>()
  const { status } = useStream(
    'task-count',
    (signal) => watchTaskCount(client, { signal }),
    ({ openTasks }) => setCount(openTasks),
  )
  if (status === 'failure') return <p role="alert">The count has stopped. Reload the page.</p>
  return <output>{count === undefined ? 'Counting…' : `${count} tasks`}</output>
}
