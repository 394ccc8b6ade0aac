'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { listAuditLogPages, listMembersQuery } from '#api/queries.ts'
import { useApi } from '#service/api.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { LogList } from './log-list.tsx'

/** Who changed what in the organisation. */
export function LogPage() {
  return (
    <>
      <PageHeading
        title="Audit log"
        sentence="Who changed what in the organisation, newest first. Nobody can alter it."
      />
      <Log />
    </>
  )
}

function Log() {
  const pages = useInfiniteQuery(listAuditLogPages(useApi()))
  const members = useQuery(listMembersQuery(useApi()))
  // Without the members every name would be missing.
  if (pages.isPending || members.isPending) return <ListSkeleton />
  if (!pages.data) {
    return <ProblemNotice error={pages.error} retry={() => void pages.refetch()} />
  }
  const entries = pages.data.pages.flatMap((page) => page.items)
  if (entries.length === 0) {
    return (
      <EmptyState title="Nothing changed yet">
        Each change of members, invitations and keys is kept here.
      </EmptyState>
    )
  }
  return (
    <>
      {members.isError && (
        <div className="mb-4">
          <ProblemNotice error={members.error} retry={() => void members.refetch()} />
        </div>
      )}
      <LogList entries={entries} members={members.data?.items ?? []} />
      <LoadMore pages={pages} />
    </>
  )
}
