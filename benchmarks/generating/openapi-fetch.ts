import createClient from 'openapi-fetch'
import { baseUrl, failed, seen, tell } from './facts.js'
import type { paths } from './generated/schema.js'

const client = createClient<paths>({ baseUrl })

await tell(async (id) => {
  const path = { prediction_id: id }
  const { data, error, response } = await client.GET('/predictions/{prediction_id}', {
    params: { path },
  })
  if (response.status === 404 && error && 'noticed_at' in error) {
    const noticed: string = error.noticed_at
    return { kind: 'problem', status: 404, code: error.error_code, at: seen(noticed) }
  }
  if (!data) return failed(error, response.status)
  const created: string = data.created_at
  const reviewed: string | null = data.outcome.kind === 'classified' ? data.outcome.reviewed_at : null
  const stage: string | null | undefined = data.stage_times['first_step']
  const training = await client.GET('/trainings/{training_id}', {
    params: { path: { training_id: id } },
  })
  const frozen: string | null | undefined = training.data?.root_layer.child_layers?.[0]?.frozen_at
  const dates = { created: seen(created), reviewed: seen(reviewed), stage: seen(stage) }
  return { kind: 'value', dates: { ...dates, frozen: seen(frozen) } }
})
