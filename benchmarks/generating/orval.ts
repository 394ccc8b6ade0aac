import { baseUrl, failed, seen, tell } from './facts.js'
import { readPrediction, readTraining } from './generated/api.js'

// The generated functions fetch paths; where the service is, the program says.
const plain = globalThis.fetch
globalThis.fetch = (path, init) => plain(new URL(`${path}`, baseUrl), init)

await tell(async (id) => {
  const answer = await readPrediction(id)
  if (answer.status === 404) {
    const noticed: string = answer.data.noticed_at
    return { kind: 'problem', status: 404, code: answer.data.error_code, at: seen(noticed) }
  }
  if (answer.status !== 200) return failed(answer.data, Number(answer.status))
  const { created_at, outcome, stage_times } = answer.data
  const created: string = created_at
  const reviewed: string | null = outcome.kind === 'classified' ? outcome.reviewed_at : null
  const stage: string | null | undefined = stage_times['first_step']
  const training = await readTraining(id)
  const layer = training.status === 200 ? training.data.root_layer.child_layers?.[0] : undefined
  // It types the members of a recursive list as unknown.
  const known = typeof layer === 'object' && layer !== null && 'frozen_at' in layer
  const frozen: unknown = known ? layer.frozen_at : undefined
  const dates = { created: seen(created), reviewed: seen(reviewed), stage: seen(stage) }
  return { kind: 'value', dates: { ...dates, frozen: seen(frozen) } }
})
