'use client'

import { useAccountWatch } from '#identity/account-watch.tsx'
import { useSignedIn } from '#identity/session.tsx'
import { Button } from '#ui/button.tsx'
import { CloseIcon } from '#ui/icons.tsx'

/** Says that this tab now shows another account than before. */
export function AccountNotice() {
  const { person, organisation } = useSignedIn()
  const { changed, acknowledge } = useAccountWatch()
  if (!changed) return null
  return (
    <div className="flex items-start gap-2 border-b border-line bg-sunken py-1 pr-2 pl-4 text-sm md:pl-8">
      <p role="status" className="min-w-0 flex-1 py-1.5">
        You are now signed in as <span className="font-medium break-words">{person.email}</span>.
        This tab now shows {organisation.name}.
      </p>
      <Button look="quiet" size="square" aria-label="Close" title="Close" onClick={acknowledge}>
        <CloseIcon />
      </Button>
    </div>
  )
}
