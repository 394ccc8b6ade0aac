'use client'

import { FailureNotice } from '@lockstitch/react'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'

export default function TasksError({ error, reset }: { error: Error; reset: () => void }) {
  const router = useRouter()
  function retry() {
    startTransition(() => {
      // What failed was rendered on the server, so the server must render it again.
      router.refresh()
      reset()
    })
  }
  return <FailureNotice error={error} retry={retry} />
}
