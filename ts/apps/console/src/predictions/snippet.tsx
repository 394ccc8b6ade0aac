'use client'

import type { JsonValue } from '#api/types.ts'
import { useSignedIn } from '#identity/session.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { curlSnippet } from './curl.ts'

/** The same prediction as shell commands. */
export function Snippet({ path, body }: { path: string; body: JsonValue }) {
  const { person } = useSignedIn()
  const snippet = curlSnippet({ origin: window.location.origin, path, email: person.email, body })
  return (
    <section aria-label="The same with curl" className="rounded-lg border border-line">
      <div className="flex h-10 items-center justify-between border-b border-line pr-1 pl-3">
        <h3 className="text-sm font-medium">The same with curl</h3>
        <CopyButton text={snippet} label="Copy the commands" />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto p-3 font-mono text-xs"
      >
        {snippet}
      </pre>
    </section>
  )
}
