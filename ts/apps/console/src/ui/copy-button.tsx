'use client'

import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { CheckIcon, CopyIcon } from './icons.tsx'

type CopyButtonProps = { text: string; label: string }

type Outcome = 'idle' | 'copied' | 'refused'

const WORDS = { idle: '', copied: 'Copied', refused: 'The browser refused to copy' } as const

/** Puts a text on the clipboard and says whether that worked. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>('idle')
  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), 2000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return (
    <span className="inline-flex items-center gap-1">
      <Button look="quiet" size="square" aria-label={label} title={label} onClick={copy}>
        {outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
      </Button>
      <span role="status" className={outcome === 'refused' ? 'text-xs' : 'sr-only'}>
        {WORDS[outcome]}
      </span>
    </span>
  )
}
