'use client'

import { useSearchParams } from 'next/navigation'
import { ModelList } from './model-list.tsx'
import { ModelPage } from './model-page.tsx'

/** The list, or the one model that the address names. */
export function ModelsPage() {
  const name = useSearchParams().get('name')
  return name === null ? <ModelList /> : <ModelPage key={name} name={name} />
}
