'use client'

import { useSearchParams } from 'next/navigation'
import { AlertIcon } from '#ui/icons.tsx'
import { refusalSentence } from './provider-refusal.ts'

/** Why a provider did not sign somebody in, on the page that they come back to. */
export function RefusalNotice() {
  const sentence = refusalSentence(useSearchParams())
  if (sentence === null) return null
  return (
    <p role="status" className="mb-5 flex gap-2">
      <span className="flex h-5 items-center text-failed">
        <AlertIcon />
      </span>
      <span>{sentence}</span>
    </p>
  )
}
