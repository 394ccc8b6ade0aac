import { type Failure, isRefusal, requestIdOf, sentenceOf } from '#service/failure.ts'
import { Button } from './button.tsx'
import { CopyButton } from './copy-button.tsx'
import { AlertIcon } from './icons.tsx'

type ProblemNoticeProps = {
  error: Failure
  /** Tries the same thing again; not offered where the answer would be the same. */
  retry?: (() => void) | undefined
}

/** What happened in one sentence, the request id, and the way to try again. */
export function ProblemNotice({ error, retry }: ProblemNoticeProps) {
  const requestId = requestIdOf(error)
  const again = isRefusal(error) ? undefined : retry
  return (
    <div role="alert" className="rounded-lg border border-failed/40 p-4">
      <p className="flex gap-2">
        <span className="flex h-5 items-center text-failed">
          <AlertIcon />
        </span>
        <span className="min-w-0 break-words">{sentenceOf(error)}</span>
      </p>
      {(requestId !== null || again) && (
        <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 pl-6">
          {again && (
            <Button size="small" onClick={again}>
              Try again
            </Button>
          )}
          {requestId !== null && <RequestId id={requestId} />}
        </div>
      )}
    </div>
  )
}

function RequestId({ id }: { id: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1 text-xs text-quiet">
      Request <code className="font-mono break-all">{id}</code>
      <CopyButton text={id} label="Copy request id" />
    </span>
  )
}
