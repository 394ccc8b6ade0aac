/** The page of the browser tests: one scene, named by `?scene=`, always in StrictMode. */
import {
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { createElement, type ReactNode, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import useSwrMutation from 'swr/mutation'
import { createClientContext, ErrorBoundary, FailureNotice, useCall } from '../src/index.ts'
import { optimistic, patch, QueryErrorBoundary, QueryProvider } from '../src/query.ts'
import { useStream } from '../src/stream.ts'
import { useRead, useReadPages } from '../src/swr.ts'
import { countWords, createClient, summarise, watchNote } from './api/index.ts'
import {
  listHistoryPages,
  listNotesFieldsQuery,
  listNotesQuery,
  readNoteQuery,
  renameNoteMutation,
} from './api/queries.ts'
import { shareReads } from './api/runtime/fetch.ts'
import { listHistorySwrPages, readNoteSwr, renameNoteSwr } from './api/swr.ts'

const chosen = new URLSearchParams(location.search)

const { ClientProvider, useClient } = createClientContext(() =>
  createClient({
    baseUrl: '',
    // What a test holds must not end by itself.
    attemptSeconds: 100,
    deadlineSeconds: 200,
    ...(chosen.has('share') && { wrapFetch: shareReads() }),
  }),
)

function Button({ name, onClick }: { name: string; onClick: () => void }) {
  return createElement('button', { type: 'button', onClick }, name)
}

function Shown({ data, error }: { data: { title: string } | undefined; error: unknown }) {
  if (error) return createElement(FailureNotice, { error, retry: () => {} })
  return createElement('output', null, data?.title ?? 'loading')
}

function QueryNote({ noteId }: { noteId: string }) {
  return createElement(Shown, useQuery(readNoteQuery(useClient(), { noteId })))
}

function SwrNote({ noteId }: { noteId: string }) {
  const { data, error } = useRead(readNoteSwr(useClient(), { noteId }))
  return createElement(Shown, { data, error })
}

interface Titled {
  readonly items: readonly { readonly title: string }[]
}

function ShownPages({
  pages,
  error,
  more,
}: {
  pages: readonly Titled[] | undefined
  error: unknown
  more: () => void
}) {
  const titles = pages?.flatMap(({ items }) => items.map(({ title }) => title))
  return [
    createElement(Shown, { key: 0, data: titles && { title: titles.join(', ') }, error }),
    createElement(Button, { key: 1, name: 'More', onClick: more }),
  ]
}

function QueryHistory({ noteId }: { noteId: string }) {
  const { data, error, fetchNextPage } = useInfiniteQuery(
    listHistoryPages(useClient(), { of: noteId }),
  )
  return createElement(ShownPages, { pages: data?.pages, error, more: () => void fetchNextPage() })
}

function SwrHistory({ noteId }: { noteId: string }) {
  const { data, error, setSize } = useReadPages(listHistorySwrPages(useClient(), { of: noteId }))
  const more = () => void setSize((size) => size + 1)
  return createElement(ShownPages, { pages: data, error, more })
}

function Watched({ noteId }: { noteId: string }) {
  const client = useClient()
  const [title, setTitle] = useState<string>()
  const { status } = useStream(
    noteId,
    (signal) => watchNote(client, { noteId }, { signal }),
    (item) => item.kind === 'event' && setTitle(item.value.data.title),
  )
  return createElement('output', null, `${status} ${title ?? ''}`)
}

function SwrRename() {
  const { trigger, data } = useSwrMutation(...renameNoteSwr(useClient()))
  const to = (title: string) => () => void trigger({ noteId: '1', body: { title } })
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'Red', onClick: to('red') }),
    createElement(Button, { name: 'Blue', onClick: to('blue') }),
    createElement(Shown, { data, error: undefined }),
  )
}

/** Walks between two notes and an empty page. */
function Walk({ Note }: { Note: (props: { noteId: string }) => ReactNode }) {
  const [noteId, setNoteId] = useState('')
  const [isTwice, setTwice] = useState(false)
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'First', onClick: () => setNoteId('1') }),
    createElement(Button, { name: 'Second', onClick: () => setNoteId('2') }),
    createElement(Button, { name: 'Nothing', onClick: () => setNoteId('') }),
    createElement(Button, { name: 'Once', onClick: () => setTwice(false) }),
    createElement(Button, { name: 'Twice', onClick: () => setTwice(true) }),
    noteId && createElement(Note, { noteId }),
    noteId && isTwice && createElement(Note, { noteId }),
  )
}

function Rename() {
  const client = useClient()
  const queries = useQueryClient()
  const { queryKey } = readNoteQuery(client, { noteId: '1' })
  const rename = useMutation(
    optimistic(renameNoteMutation(client), ({ noteId, body: { title } }) => [
      patch(readNoteQuery(client, { noteId }).queryKey, (note) => ({ ...note, title })),
      patch(listNotesQuery(client).queryKey, (list) => ({
        items: list.items.map((note) => (note.id === noteId ? { ...note, title } : note)),
      })),
    ]),
  )
  const to = (title: string) => () => rename.mutate({ noteId: '1', body: { title } })
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'Red', onClick: to('red') }),
    createElement(Button, { name: 'Blue', onClick: to('blue') }),
    createElement(Button, {
      name: 'Refresh',
      onClick: () => void queries.refetchQueries({ queryKey }),
    }),
    createElement(QueryNote, { noteId: '1' }),
    createElement('p', null, rename.error ? 'refused' : ''),
  )
}

function Summarise() {
  const client = useClient()
  const { run, data, status } = useCall((signal, title: string) =>
    summarise(client, { title }, { signal }),
  )
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'Cats', onClick: () => void run('cats') }),
    createElement(Button, { name: 'Dogs', onClick: () => void run('dogs') }),
    createElement('output', null, `${status} ${data?.title ?? ''}`),
  )
}

function Hideable({ button, children }: { button: string; children: ReactNode }) {
  const [isHidden, setHidden] = useState(false)
  const hide = createElement(Button, { key: 0, name: button, onClick: () => setHidden(true) })
  return isHidden
    ? createElement('output', null, 'hidden')
    : [hide, createElement('div', { key: 1 }, children)]
}

/** Forgets what was read, and reads it again. */
function Stale() {
  const queries = useQueryClient()
  const list = useQuery(listNotesQuery(useClient()))
  const data = list.data && { title: `${list.data.items.length} notes` }
  const again = () => void queries.resetQueries()
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'Again', onClick: again }),
    createElement('section', { id: 'kept' }, createElement(QueryNote, { noteId: '1' })),
    createElement('section', { id: 'unkept' }, createElement(Shown, { data, error: list.error })),
  )
}

function Throwing() {
  const { data } = useQuery({ ...listNotesQuery(useClient()), throwOnError: true })
  return createElement('output', null, data ? `${data.items.length} notes` : 'loading')
}

/** Counts the words of three texts at once. */
function Counting() {
  const client = useClient()
  const { run, data } = useCall(() =>
    Promise.all(['a', 'b c', 'd e f'].map((text) => countWords(client, { text }))),
  )
  return createElement(
    'main',
    null,
    createElement(Button, { name: 'Count', onClick: () => void run() }),
    createElement('output', null, data?.map(({ words }) => words).join(' ') ?? 'nothing'),
  )
}

function Titles() {
  const { data } = useQuery(listNotesFieldsQuery(useClient(), ['title']))
  return createElement('output', null, JSON.stringify(data?.items ?? 'loading'))
}

function Counted() {
  const { data } = useQuery(listNotesQuery(useClient()))
  return createElement('output', null, data ? `${data.items.length} notes` : 'loading')
}

// A cache of which every answer is stale at once, where the contract does not say otherwise.
const impatient = new QueryClient()

const twoCaches = () =>
  [1, 2].map((key) =>
    createElement(QueryProvider, { key }, createElement(QueryNote, { noteId: '1' })),
  )

const scenes: Readonly<Record<string, () => ReactNode>> = {
  query: () => createElement(Walk, { Note: QueryNote }),
  swr: () => createElement(Walk, { Note: SwrNote }),
  infinite: () => createElement(Walk, { Note: QueryHistory }),
  'swr-infinite': () => createElement(Walk, { Note: SwrHistory }),
  stream: () => createElement(Walk, { Note: Watched }),
  'swr-rename': () => createElement(SwrRename),
  rename: () => createElement(Rename),
  summarise: () => createElement(Hideable, { button: 'Hide', children: createElement(Summarise) }),
  stale: () => createElement(Stale),
  throwing: () => createElement(QueryErrorBoundary, null, createElement(Throwing)),
  batch: () => createElement(Counting),
  fields: () => createElement(Titles),
  fresh: () =>
    createElement(
      QueryClientProvider,
      { client: impatient },
      createElement(Walk, { Note: Counted }),
    ),
  caches: () => twoCaches(),
}

const scene = scenes[chosen.get('scene') ?? '']
const root = document.getElementById('root')
if (!root || !scene) throw new Error('there is no such scene')
createRoot(root).render(
  createElement(
    StrictMode,
    null,
    createElement(
      ErrorBoundary,
      null,
      createElement(Hideable, {
        button: 'Leave',
        children: createElement(ClientProvider, null, createElement(QueryProvider, null, scene())),
      }),
    ),
  ),
)
