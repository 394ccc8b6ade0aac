'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { listApiKeysPages } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { KeyList } from './key-list.tsx'
import { KeyPanel } from './key-panel.tsx'
import { usePanel } from './use-panel.ts'

/** The keys that programs sign in with. */
export function KeysPage() {
  const panel = usePanel()
  return (
    <>
      <PageHeading
        title="API keys"
        sentence="A program calls the API with a key, in the name of the organisation."
        action={
          <Button look="primary" {...panel.opener}>
            Make a key
          </Button>
        }
      />
      {panel.open && <KeyPanel onClose={panel.close} />}
      <Keys />
    </>
  )
}

function Keys() {
  const pages = useInfiniteQuery(listApiKeysPages(useApi()))
  if (pages.isPending) return <ListSkeleton />
  if (!pages.data) {
    return <ProblemNotice error={pages.error} retry={() => void pages.refetch()} />
  }
  const keys = pages.data.pages.flatMap((page) => page.items)
  if (keys.length === 0) {
    return (
      <EmptyState title="No keys yet">
        Make one for each program, so that each can be refused by itself.
      </EmptyState>
    )
  }
  return (
    <>
      <KeyList keys={keys} />
      <LoadMore pages={pages} />
    </>
  )
}
