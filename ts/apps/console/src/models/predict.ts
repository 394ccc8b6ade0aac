import { mutationOptions } from '@tanstack/react-query'
import { decodeProblem, decodeStoredPrediction } from '#api/decode.ts'
import { keys } from '#api/keys.ts'
import type { Client, Decoded, Operation } from '#api/runtime/index.ts'
import type { JsonValue, ModelSummary, Problem, Session, StoredPrediction } from '#api/types.ts'
import { confirmAccount } from '#identity/session-query.ts'
import { isJsonObject } from '#json.ts'

const SLOWEST_MODEL_SECONDS = 60

/** One answer of any model: what history keeps, but for who asked and what. */
export type Prediction = Omit<StoredPrediction, 'personId' | 'input'>

/**
 * How a prediction of any model travels.
 *
 * The contract has an operation for each model, with its own types. This console meets models that
 * it was not made with, so it reads their schemas from the model list and passes inputs through as
 * they are: the form has checked them, and the service checks them again.
 */
export function predictOperation(
  model: ModelSummary,
): Operation<JsonValue, Prediction, { default: Problem }> {
  return {
    id: 'predict',
    method: 'POST',
    path: '/v1/models/{name}/predictions',
    group: 'predictions',
    idempotency: 'key',
    encode: (input) => ({ ok: true, value: { path: model.predictionsPath, json: input } }),
    outputs: { 200: decodePrediction },
    failures: { default: decodeProblem },
    defaults: { deadlineSeconds: SLOWEST_MODEL_SECONDS, attemptSeconds: SLOWEST_MODEL_SECONDS },
  }
}

/** {@link predictOperation} for `useMutation`, in nobody's name but the one that the page shows. */
export const predictMutation = (client: Client, model: ModelSummary, shown: Session) =>
  mutationOptions({
    mutationKey: ['predict', model.name],
    mutationFn: async (input: JsonValue, { client: queries }) => {
      await confirmAccount(queries, client, shown)
      return client.call(predictOperation(model), input)
    },
    onSuccess: (_answer, _input, _result, { client: queries }) =>
      queries.invalidateQueries({ queryKey: keys.listPredictions }),
  })

/** An answer has the members of a stored prediction but two, which are filled in to read it. */
function decodePrediction(answer: unknown): Decoded<Prediction> {
  return decodeStoredPrediction(
    isJsonObject(answer) ? { ...answer, person_id: null, input: {} } : answer,
  )
}
