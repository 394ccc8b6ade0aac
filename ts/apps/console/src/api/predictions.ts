import type { Json } from './json.ts'
import { type Prediction, readPrediction } from './models.ts'
import type { Reading } from './reading.ts'
import { send } from './transport.ts'

/** A prediction as history keeps it: with its input and the person who asked. */
export type StoredPrediction = Prediction & {
  readonly personId: string | null
  readonly input: Json
}

export type PredictionPage = {
  readonly items: readonly StoredPrediction[]
  readonly nextCursor: string | null
}

export type PredictionQuery = { readonly model: string | null; readonly cursor: string | null }

/** One page of the organisation's predictions, newest first. */
export function listPredictions(
  query: PredictionQuery,
  signal: AbortSignal,
): Promise<PredictionPage> {
  const parameters = new URLSearchParams({ limit: '20' })
  if (query.model !== null) parameters.set('model', query.model)
  if (query.cursor !== null) parameters.set('cursor', query.cursor)
  return send({
    method: 'GET',
    path: `/v1/predictions?${parameters}`,
    signal,
    read: (page) => ({
      items: page.member('items').list(readStoredPrediction),
      nextCursor: page.member('next_cursor').orNull((cursor) => cursor.string()),
    }),
  })
}

export function findPrediction(id: string, signal: AbortSignal): Promise<StoredPrediction> {
  const path = `/v1/predictions/${encodeURIComponent(id)}`
  return send({ method: 'GET', path, signal, read: readStoredPrediction })
}

function readStoredPrediction(prediction: Reading): StoredPrediction {
  return {
    ...readPrediction(prediction),
    personId: prediction.member('person_id').orNull((id) => id.string()),
    input: prediction.member('input').json(),
  }
}
