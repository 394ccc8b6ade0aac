'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { listSignInProvidersQuery, startSignInMutation } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { returnPath } from './return-path.ts'

type ProviderButtonsProps = {
  /** The page to come back to if it fails. */
  back: '/sign-in/' | '/sign-up/'
  next: string | null
}

/** The ways in beside the password, as many as the service has. */
export function ProviderButtons({ back, next }: ProviderButtonsProps) {
  const api = useApi()
  const providers = useQuery(listSignInProvidersQuery(api))
  const start = useMutation({ ...startSignInMutation(api), onSuccess: leaveFor })
  // The password works meanwhile, and without them.
  if (providers.isPending || providers.isError) return null
  const offered = providers.data.items
  if (offered.length === 0) return null
  return (
    <section aria-label="Other ways to sign in" className="mt-6 flex flex-col gap-3">
      <p className="flex items-center gap-3 text-xs text-quiet">
        <span className="h-px flex-1 bg-line" />
        or
        <span className="h-px flex-1 bg-line" />
      </p>
      {start.isError && <ProblemNotice error={start.error} />}
      {offered.map(({ name, title }) => (
        <Button
          key={name}
          busy={start.isPending && start.variables.name === name}
          className="justify-center"
          onClick={() =>
            start.mutate({
              name,
              body: {
                next: asciiPath(returnPath(next)),
                back: next === null ? back : `${back}?next=${encodeURIComponent(next)}`,
              },
            })
          }
        >
          Continue with {title}
        </Button>
      ))}
    </section>
  )
}

/** Opens a page of a provider in this tab. */
export function leaveFor({ url }: { url: string }): void {
  window.location.assign(url)
}

/** A path as it stands in an address, without letters that only a person's eyes need. */
function asciiPath(path: string): string {
  const { pathname, search, hash } = new URL(path, window.location.origin)
  return pathname + search + hash
}
