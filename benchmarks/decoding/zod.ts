// The peer: the same contract in zod, with camelCase names and dates by transforms.

import { z } from 'zod'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const count = z.number().int().min(0)

const modelVersion = z
  .object({
    version_id: z.uuid(),
    model_name: z.string().min(1).max(200),
    stage: z.enum(['staging', 'production', 'archived']),
    trained_at: instant,
  })
  .transform((value) => ({
    versionId: value.version_id,
    modelName: value.model_name,
    stage: value.stage,
    trainedAt: value.trained_at,
  }))

const labelShare = z
  .object({ label_text: z.string(), label_share: z.number().min(0).max(1) })
  .transform((value) => ({ labelText: value.label_text, labelShare: value.label_share }))

const classified = z
  .object({
    kind: z.literal('classified'),
    best_label: z.string(),
    label_shares: z.array(labelShare),
    reviewed_at: instant.nullable(),
  })
  .transform((value) => ({
    kind: value.kind,
    bestLabel: value.best_label,
    labelShares: value.label_shares,
    reviewedAt: value.reviewed_at,
  }))

const estimated = z
  .object({
    kind: z.literal('estimated'),
    estimated_value: z.number(),
    lower_bound: z.number().nullable(),
    upper_bound: z.number().nullable(),
  })
  .transform((value) => ({
    kind: value.kind,
    estimatedValue: value.estimated_value,
    lowerBound: value.lower_bound,
    upperBound: value.upper_bound,
  }))

const tokenCount = z
  .object({ prompt_tokens: count, answer_tokens: count })
  .transform((value) => ({ promptTokens: value.prompt_tokens, answerTokens: value.answer_tokens }))

const written = z
  .object({
    kind: z.literal('written'),
    written_text: z.string(),
    end_reason: z.enum(['stop', 'length', 'filter']),
    token_count: tokenCount,
    first_token_at: instant.nullable().optional(),
  })
  .transform((value) => ({
    kind: value.kind,
    writtenText: value.written_text,
    endReason: value.end_reason,
    tokenCount: value.token_count,
    firstTokenAt: value.first_token_at,
  }))

const prediction = z
  .object({
    prediction_id: z.uuid(),
    request_name: z.string(),
    created_at: instant,
    finished_at: instant.nullable(),
    duration_seconds: z.number().min(0),
    model_version: modelVersion,
    outcome: z.discriminatedUnion('kind', [classified, estimated, written]),
    input_tags: z.array(z.string()),
    feature_values: z.record(z.string(), z.number()),
    stage_times: z.record(z.string(), instant.nullable()),
    failure_text: z.string().nullable().optional(),
    is_cached: z.boolean(),
  })
  .transform((value) => ({
    predictionId: value.prediction_id,
    requestName: value.request_name,
    createdAt: value.created_at,
    finishedAt: value.finished_at,
    durationSeconds: value.duration_seconds,
    modelVersion: value.model_version,
    outcome: value.outcome,
    inputTags: value.input_tags,
    featureValues: value.feature_values,
    stageTimes: value.stage_times,
    failureText: value.failure_text,
    isCached: value.is_cached,
  }))

const page = z
  .object({ items: z.array(prediction), next_cursor: z.string().nullable(), total_count: count })
  .transform((value) => ({
    items: value.items,
    nextCursor: value.next_cursor,
    totalCount: value.total_count,
  }))

interface Layer {
  layerName: string
  parameterCount: number
  frozenAt: Date | null
  childLayers: Layer[] | undefined
}

const layer: z.ZodType<Layer> = z.lazy(() =>
  z
    .object({
      layer_name: z.string(),
      parameter_count: count,
      frozen_at: instant.nullable(),
      child_layers: z.array(layer).optional(),
    })
    .transform((value) => ({
      layerName: value.layer_name,
      parameterCount: value.parameter_count,
      frozenAt: value.frozen_at,
      childLayers: value.child_layers,
    })),
)

const training = z
  .object({
    training_id: z.uuid(),
    started_at: instant,
    hyper_parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    root_layer: layer,
  })
  .transform((value) => ({
    trainingId: value.training_id,
    startedAt: value.started_at,
    hyperParameters: value.hyper_parameters,
    rootLayer: value.root_layer,
  }))

export const decodePage = (value: unknown) => page.parse(value)
export const decodeDeep = (value: unknown) => training.parse(value)
