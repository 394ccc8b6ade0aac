import { failed, baseUrl, seen, tell } from './facts.js'
import { createClient, readPredictionOperation, readTraining } from './generated/index.js'
import { result } from './generated/runtime/result.js'

const client = createClient({ baseUrl })

await tell(async (predictionId) => {
  const answer = await result(client, readPredictionOperation, { predictionId })
  if (!answer.ok) {
    const { error } = answer
    if (error.kind === 'problem' && error.status === 404) {
      const noticedAt: Date = error.problem.noticedAt
      return { kind: 'problem', status: 404, code: error.problem.errorCode, at: seen(noticedAt) }
    }
    return failed(error, 'status' in error ? error.status : null)
  }
  const { createdAt, outcome, stageTimes } = answer.value
  const created: Date = createdAt
  const reviewed: Date | null = outcome.kind === 'classified' ? outcome.reviewedAt : null
  const stage: Date | null | undefined = stageTimes['first_step']
  const training = await readTraining(client, { trainingId: predictionId })
  const frozen: Date | null | undefined = training.rootLayer.childLayers?.[0]?.frozenAt
  const dates = { created: seen(created), reviewed: seen(reviewed), stage: seen(stage) }
  return { kind: 'value', dates: { ...dates, frozen: seen(frozen) } }
})
