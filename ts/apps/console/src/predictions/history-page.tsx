'use client'

import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { buttonLook } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Sheet } from '#ui/lazy-sheet.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { useMediaQuery } from '#ui/media-query.ts'
import { PageHeading } from '#ui/page-heading.tsx'
import { ProblemNotice } from '#ui/problem-notice.tsx'
import { ListSkeleton } from '#ui/skeleton.tsx'
import { HistoryList } from './history-list.tsx'
import { PredictionDetail } from './prediction-detail.tsx'
import { useHistory } from './queries.ts'

/** Every prediction of the organisation, with the chosen one beside or over the list. */
export function HistoryPage() {
  const chosen = useSearchParams().get('id')
  return (
    <div className="flex flex-col gap-8 xl:flex-row xl:items-start">
      <div className="min-w-0 flex-1">
        <PageHeading
          title="History"
          sentence="Every prediction of your organisation, newest first."
          action={
            <Link href="/models/" className={buttonLook('primary')}>
              Make a prediction
            </Link>
          }
        />
        <History chosen={chosen} />
      </div>
      {chosen !== null && <Detail id={chosen} />}
    </div>
  )
}

function History({ chosen }: { chosen: string | null }) {
  const history = useHistory()
  if (history.isPending) return <ListSkeleton />
  if (!history.data) {
    return <ProblemNotice error={history.error} retry={() => void history.refetch()} />
  }
  const predictions = history.data.pages.flatMap((page) => page.items)
  if (predictions.length === 0) return <NothingYet />
  return (
    <>
      <HistoryList predictions={predictions} chosen={chosen} onChoose={openDetail} />
      <LoadMore pages={history} />
    </>
  )
}

function Detail({ id }: { id: string }) {
  const beside = useMediaQuery('(min-width: 80rem)')
  if (beside) {
    return (
      <aside
        aria-label="Prediction"
        className="sticky top-8 max-h-[calc(100dvh-64px)] w-[420px] shrink-0 overflow-y-auto rounded-lg border border-line"
      >
        <PredictionDetail key={id} id={id} onClose={closeDetail} />
      </aside>
    )
  }
  return (
    <Sheet onClose={closeDetail} side="right" title="Prediction">
      <PredictionDetail key={id} id={id} />
    </Sheet>
  )
}

// The address says which prediction is open, so Back closes it and a link opens it again.
function openDetail(id: string): void {
  window.history.pushState(null, '', `/history/?id=${encodeURIComponent(id)}`)
}

function closeDetail(): void {
  window.history.pushState(null, '', '/history/')
}

function NothingYet() {
  return (
    <EmptyState
      title="No predictions yet"
      action={
        <Link href="/models/" className={buttonLook('secondary')}>
          Open the models
        </Link>
      }
    >
      Each prediction that somebody of your organisation makes is kept here with its input, result
      and model version.
    </EmptyState>
  )
}
