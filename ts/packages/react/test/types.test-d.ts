/** Checked by the compilers and never run. */
import { useMutation } from '@tanstack/react-query'
import { type CallState, createClientContext, useCall } from '../src/index.ts'
import { optimistic, patch } from '../src/query.ts'
import { useRead } from '../src/swr.ts'
import { type Client, createClient, type Note, summarise } from './api/index.ts'
import { readNoteQuery, renameNoteMutation } from './api/queries.ts'
import { readNoteSwr } from './api/swr.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <_Fact extends true>() => {}

const { useClient } = createClientContext(() => createClient({ baseUrl: '' }))

export function Typed() {
  const client = useClient()
  is<Same<typeof client, Client>>()

  const note = useRead(readNoteSwr(client, { noteId: '1' }))
  is<Same<typeof note.data, Note | undefined>>()

  const call = useCall((signal, title: string) => summarise(client, { title }, { signal }))
  is<Same<Parameters<typeof call.run>, [title: string]>>()
  if (call.status === 'success') is<Same<typeof call.data, { title: string }>>()
  is<Same<CallState<number>['status'], 'idle' | 'pending' | 'success' | 'failure'>>()
  // @ts-expect-error the input is a string
  void call.run(1)

  const { queryKey } = readNoteQuery(client, { noteId: '1' })
  const rename = useMutation(
    optimistic(renameNoteMutation(client), ({ body }) => [
      patch(queryKey, (one) => {
        is<Same<typeof one, Note>>()
        return { ...one, title: body.title }
      }),
      // @ts-expect-error a note has a title
      patch(queryKey, ({ id, createdAt }) => ({ id, createdAt })),
    ]),
  )
  is<Same<typeof rename.data, Note | undefined>>()
  // @ts-expect-error the body has a title
  rename.mutate({ noteId: '1', body: {} })
}
