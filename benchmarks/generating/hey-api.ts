import { baseUrl, failed, seen, tell } from './facts.js'
import { client } from './generated/client.gen.js'
import { readPrediction, readTraining } from './generated/sdk.gen.js'

client.setConfig({ baseUrl })

await tell(async (id) => {
  const { data, error, response } = await readPrediction({ path: { prediction_id: id } })
  if (response?.status === 404 && error && 'noticed_at' in error) {
    const noticed: Date = error.noticed_at
    return { kind: 'problem', status: 404, code: error.error_code, at: seen(noticed) }
  }
  if (!data) return failed(error, response?.status ?? null)
  const created: Date = data.created_at
  const reviewed: Date | null = data.outcome.kind === 'classified' ? data.outcome.reviewed_at : null
  const stage: Date | null | undefined = data.stage_times['first_step']
  const training = await readTraining({ path: { training_id: id } })
  const frozen: Date | null | undefined = training.data?.root_layer.child_layers?.[0]?.frozen_at
  const dates = { created: seen(created), reviewed: seen(reviewed), stage: seen(stage) }
  return { kind: 'value', dates: { ...dates, frozen: seen(frozen) } }
})
