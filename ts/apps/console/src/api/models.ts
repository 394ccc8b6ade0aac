import { UndecodableResponse } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Reading } from './reading.ts'
import { send } from './transport.ts'

/** A model that the server runs, with the schemas of what it takes and answers. */
export type Model = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly state: 'loading' | 'ready' | 'failed'
  readonly version: number
  readonly createdAt: Date
  readonly metrics: { readonly [name: string]: number }
  readonly labels: readonly string[] | null
  readonly predictionsPath: string
  readonly inputSchema: JsonObject
  readonly outputSchema: JsonObject
  readonly examples: readonly Json[]
}

/** One answer of a model, as it comes back from the form. */
export type Prediction = {
  readonly id: string
  readonly model: string
  readonly modelVersion: number
  readonly createdAt: Date
  readonly durationSeconds: number
  readonly output: Json
}

export function listModels(signal: AbortSignal): Promise<Model[]> {
  return send({
    method: 'GET',
    path: '/v1/models',
    signal,
    read: (page) => page.member('items').list(readModel),
  })
}

export function findModel(name: string, signal: AbortSignal): Promise<Model> {
  const path = `/v1/models/${encodeURIComponent(name)}`
  return send({ method: 'GET', path, signal, read: readModel })
}

/** Asks a model; the input is the model's own and is sent as it is. */
export function predict(model: Model, input: Json): Promise<Prediction> {
  return send({
    method: 'POST',
    path: model.predictionsPath,
    body: input,
    timeoutSeconds: 60,
    read: readPrediction,
  })
}

/** The members that every stored or fresh prediction has. */
export function readPrediction(prediction: Reading): Prediction {
  return {
    id: prediction.member('id').string(),
    model: prediction.member('model').string(),
    modelVersion: prediction.member('model_version').number(),
    createdAt: prediction.member('created_at').instant(),
    durationSeconds: prediction.member('duration_seconds').number(),
    output: prediction.member('output').json(),
  }
}

function readModel(model: Reading): Model {
  return {
    name: model.member('name').string(),
    title: model.member('title').string(),
    description: model.member('description').string(),
    state: model.member('state').oneOf(['loading', 'ready', 'failed']),
    version: model.member('version').number(),
    createdAt: model.member('created_at').instant(),
    metrics: model.member('metrics').dictionary((metric) => metric.number()),
    labels: model.member('labels').orNull((labels) => labels.list((label) => label.string())),
    predictionsPath: readOwnPath(model.member('predictions_path')),
    inputSchema: model.member('input_schema').object(),
    outputSchema: model.member('output_schema').object(),
    examples: model.member('examples').list((example) => example.json()),
  }
}

function readOwnPath(reading: Reading): string {
  const path = reading.string()
  if (path.startsWith('/v1/')) return path
  throw new UndecodableResponse(reading.pointer, 'a path under /v1/ was expected')
}
