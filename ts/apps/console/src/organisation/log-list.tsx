'use client'

import type { AuditEntry, Member } from '#api/types.ts'
import { classes } from '#ui/classes.ts'
import { Ago } from '#ui/moment.tsx'
import { actorOf, type Change, changesOf, eventOf, subjectNames } from './audit-entry.ts'

const COLUMNS = '@3xl:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)_minmax(0,1fr)_88px]'

type LogListProps = { entries: readonly AuditEntry[]; members: readonly Member[] }

export function LogList({ entries, members }: LogListProps) {
  const names = subjectNames(entries, members)
  return (
    <div className="@container rounded-lg border border-line text-sm">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 rounded-t-lg border-b border-line bg-rail px-4 py-2 text-xs text-quiet @3xl:grid',
          COLUMNS,
        )}
      >
        <span>What</span>
        <span>Before and after</span>
        <span>Who</span>
        <span className="text-right">When</span>
      </div>
      <ol aria-label="Changes" className="divide-y divide-line">
        {entries.map((entry) => (
          <Row
            key={entry.id}
            entry={entry}
            actor={actorOf(entry, members)}
            subject={names.get(entry.subject) ?? entry.subject}
          />
        ))}
      </ol>
    </div>
  )
}

type RowProps = { entry: AuditEntry; actor: string; subject: string }

function Row({ entry, actor, subject }: RowProps) {
  return (
    <li className={classes('flex flex-col gap-1.5 px-4 py-2.5 @3xl:grid @3xl:gap-4', COLUMNS)}>
      <div className="min-w-0">
        <p className="font-medium">{eventOf(entry)}</p>
        <p className="text-xs break-words text-quiet">{subject}</p>
      </div>
      <Changes changes={changesOf(entry)} />
      <p className="min-w-0 break-words">
        <span className="@3xl:sr-only">By </span>
        {actor}
      </p>
      <p className="text-quiet @3xl:text-right">
        <Ago instant={entry.createdAt} />
      </p>
    </li>
  )
}

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <span />
  return (
    <dl className="flex min-w-0 flex-col">
      {changes.map(({ name, before, after }) => (
        <div key={name} className="flex flex-wrap gap-x-1.5">
          <dt className="text-quiet">{name}</dt>
          <dd className="min-w-0 break-words">
            {before !== null && (
              <del className={after === null ? '' : 'no-underline'}>{before}</del>
            )}
            {before !== null && after !== null && (
              <>
                <span aria-hidden="true"> → </span>
                <span className="sr-only"> became </span>
              </>
            )}
            {after !== null && <ins className="no-underline">{after}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
