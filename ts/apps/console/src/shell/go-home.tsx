'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { HOME } from '#identity/return-path.ts'

/** Leads from the bare address to the first page. */
export function GoHome() {
  const router = useRouter()
  useEffect(() => router.replace(HOME), [router])
  return null
}
