/** The page of the browser tests: one scene, named by `?scene=`, always in StrictMode. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createElement as element, type ReactNode, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createClientContext, ErrorBoundary, FailureNotice, useCall } from '../src/index.ts'
import { optimistic, patch, QueryErrorBoundary, QueryProvider } from '../src/query.ts'
import { useRead } from '../src/swr.ts'
import { createClient, summarise } from './api/index.ts'
import { listNotesQuery, readNoteQuery, renameNoteMutation } from './api/queries.ts'
import { shareReads } from './api/runtime/fetch.ts'
import { readNoteSwr } from './api/swr.ts'

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
  return element('button', { type: 'button', onClick }, name)
}

function Shown({ data, error }: { data: { title: string } | undefined; error: unknown }) {
  if (error) return element(FailureNotice, { error, retry: () => {} })
  return element('output', null, data?.title ?? 'loading')
}

function QueryNote({ noteId }: { noteId: string }) {
  return element(Shown, useQuery(readNoteQuery(useClient(), { noteId })))
}

function SwrNote({ noteId }: { noteId: string }) {
  const { data, error } = useRead(readNoteSwr(useClient(), { noteId }))
  return element(Shown, { data, error })
}

/** Walks between two notes and an empty page. */
function Walk({ Note }: { Note: (props: { noteId: string }) => ReactNode }) {
  const [noteId, setNoteId] = useState('')
  const [isTwice, setTwice] = useState(false)
  return element(
    'main',
    null,
    element(Button, { name: 'First', onClick: () => setNoteId('1') }),
    element(Button, { name: 'Second', onClick: () => setNoteId('2') }),
    element(Button, { name: 'Nothing', onClick: () => setNoteId('') }),
    element(Button, { name: 'Once', onClick: () => setTwice(false) }),
    element(Button, { name: 'Twice', onClick: () => setTwice(true) }),
    noteId && element(Note, { noteId }),
    noteId && isTwice && element(Note, { noteId }),
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
  return element(
    'main',
    null,
    element(Button, { name: 'Red', onClick: to('red') }),
    element(Button, { name: 'Blue', onClick: to('blue') }),
    element(Button, { name: 'Refresh', onClick: () => void queries.refetchQueries({ queryKey }) }),
    element(QueryNote, { noteId: '1' }),
    element('p', null, rename.error ? 'refused' : ''),
  )
}

function Summarise() {
  const client = useClient()
  const { run, data, status } = useCall((signal, title: string) =>
    summarise(client, { title }, { signal }),
  )
  return element(
    'main',
    null,
    element(Button, { name: 'Cats', onClick: () => void run('cats') }),
    element(Button, { name: 'Dogs', onClick: () => void run('dogs') }),
    element('output', null, `${status} ${data?.title ?? ''}`),
  )
}

function Hideable({ button, children }: { button: string; children: ReactNode }) {
  const [isHidden, setHidden] = useState(false)
  const hide = element(Button, { key: 0, name: button, onClick: () => setHidden(true) })
  return isHidden ? element('output', null, 'hidden') : [hide, element('div', { key: 1 }, children)]
}

/** Forgets what was read, and reads it again. */
function Stale() {
  const queries = useQueryClient()
  const list = useQuery(listNotesQuery(useClient()))
  const data = list.data && { title: `${list.data.items.length} notes` }
  const again = () => void queries.resetQueries()
  return element(
    'main',
    null,
    element(Button, { name: 'Again', onClick: again }),
    element('section', { id: 'kept' }, element(QueryNote, { noteId: '1' })),
    element('section', { id: 'unkept' }, element(Shown, { data, error: list.error })),
  )
}

function Throwing() {
  const { data } = useQuery({ ...listNotesQuery(useClient()), throwOnError: true })
  return element('output', null, data ? `${data.items.length} notes` : 'loading')
}

const twoCaches = () =>
  [1, 2].map((key) => element(QueryProvider, { key }, element(QueryNote, { noteId: '1' })))

const scenes: Readonly<Record<string, () => ReactNode>> = {
  query: () => element(Walk, { Note: QueryNote }),
  swr: () => element(Walk, { Note: SwrNote }),
  rename: () => element(Rename),
  summarise: () => element(Hideable, { button: 'Hide', children: element(Summarise) }),
  stale: () => element(Stale),
  throwing: () => element(QueryErrorBoundary, null, element(Throwing)),
  caches: () => twoCaches(),
}

const scene = scenes[chosen.get('scene') ?? '']
const root = document.getElementById('root')
if (!root || !scene) throw new Error('there is no such scene')
createRoot(root).render(
  element(
    StrictMode,
    null,
    element(
      ErrorBoundary,
      null,
      element(Hideable, {
        button: 'Leave',
        children: element(ClientProvider, null, element(QueryProvider, null, scene())),
      }),
    ),
  ),
)
