'use client'

import { useQuery } from '@tanstack/react-query'
import {
  listLinkedIdentitiesQuery,
  listSignInProvidersQuery,
  startLinkingMutation,
  unlinkIdentityMutation,
} from '#api/queries.ts'
import type { LinkedIdentity } from '#api/types.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { focusContent } from '#ui/focus-content.ts'
import { Ago, Day } from '#ui/moment.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { leaveFor } from './provider-buttons.tsx'
import { RefusalNotice } from './refusal-notice.tsx'
import { useOwnMutation } from './use-own-mutation.ts'

/** The providers that a person signs in with, and the way to link one or to let go of it. */
export function LinkedIdentities() {
  const api = useApi()
  const providers = useQuery(listSignInProvidersQuery(api))
  const links = useQuery(listLinkedIdentitiesQuery(api))
  const unlink = useOwnMutation(unlinkIdentityMutation(api))
  const start = useOwnMutation({ ...startLinkingMutation(api), onSuccess: leaveFor })
  // Most services have no providers: nothing is promised before it is known.
  if (providers.isPending || links.isPending) return null
  const offered = providers.data?.items ?? []
  const linked = links.data?.items ?? []
  const unknown = providers.error ?? links.error
  if (offered.length === 0 && linked.length === 0 && !unknown) return null
  const failure = unlink.error ?? start.error
  const titleOf = (name: string) => offered.find((one) => one.name === name)?.title ?? name
  const unlinked = offered.filter(({ name }) => linked.every(({ provider }) => provider !== name))
  return (
    <section aria-labelledby="linked" className="mt-8">
      <h2 id="linked" className="mb-3 text-lg font-semibold">
        Sign-in providers
      </h2>
      <RefusalNotice />
      {failure && (
        <div className="mb-3">
          <ProblemNotice error={failure} />
        </div>
      )}
      {unknown && (
        <ProblemNotice
          error={unknown}
          retry={() => void Promise.all([providers.refetch(), links.refetch()])}
        />
      )}
      {!unknown && (
        <ul
          aria-label="Sign-in providers"
          className="divide-y divide-line rounded-lg border border-line text-sm"
        >
          {linked.map((link) => (
            <LinkedRow
              key={link.id}
              link={link}
              title={titleOf(link.provider)}
              busy={unlink.isPending && unlink.variables.id === link.id}
              onUnlink={() => unlink.mutate({ id: link.id }, { onSuccess: focusContent })}
            />
          ))}
          {unlinked.map(({ name, title }) => (
            <li key={name} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5">
              <div className="min-w-0 flex-1 basis-56">
                <p className="font-medium break-words">{title}</p>
                <p className="text-quiet">Not linked</p>
              </div>
              <Button
                size="small"
                busy={start.isPending && start.variables.name === name}
                aria-label={`Link ${title}`}
                onClick={() =>
                  start.mutate({ name, body: { next: '/account/', back: '/account/' } })
                }
              >
                Link
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

type LinkedRowProps = { link: LinkedIdentity; title: string; busy: boolean; onUnlink: () => void }

function LinkedRow({ link, title, busy, onUnlink }: LinkedRowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium break-words">{title}</p>
        <p className="break-words text-quiet">
          {link.email !== null && `${link.email}, `}linked <Day instant={link.createdAt} />, last
          used <Ago instant={link.lastUsedAt} />
        </p>
      </div>
      <Button size="small" busy={busy} aria-label={`Unlink ${title}`} onClick={onUnlink}>
        Unlink
      </Button>
    </li>
  )
}
