import type { Failure } from '#service/failure.ts'
import { Button } from './button.tsx'
import { ProblemNotice } from './problem-notice.tsx'

type LoadMoreProps = {
  /** The list, page by page. */
  pages: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly error: Failure | null
    readonly fetchNextPage: () => unknown
  }
}

/** The way to the next page of a list, as long as there is one. */
export function LoadMore({ pages }: LoadMoreProps) {
  return (
    <div className="mt-4 flex flex-col items-start gap-3">
      {pages.isFetchNextPageError && pages.error && <ProblemNotice error={pages.error} />}
      {pages.hasNextPage && (
        <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {pages.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </Button>
      )}
    </div>
  )
}
