import {
  ClientError,
  createModel,
  createModelOperation,
  readModel,
  readModelOperation,
} from '../api/index.js'
import { result } from '../api/runtime/result.js'
import { client, print } from './connect.js'

const taken = { modelName: 'taken', createdAt: new Date(0) }

// Each line compiles only because the status has told which body it is.
const conflict = await result(client, createModelOperation, taken)
const existing =
  !conflict.ok && conflict.error.kind === 'problem' && conflict.error.status === 409
    ? conflict.error.problem.existingName
    : 'not reached'
const absent = await result(client, readModelOperation, { modelName: 'absent' })
const title =
  !absent.ok && absent.error.kind === 'problem' && absent.error.status === 404
    ? absent.error.problem.title
    : 'not reached'

const kindOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'success',
    (error: unknown) =>
      ClientError.isInstance(error) ? [error.kind, error.status ?? null] : 'another error',
  )

print({
  existing,
  title,
  html: await kindOf(readModel(client, { modelName: 'broken' }, { attempts: 1 })),
  away: await kindOf(readModel(client, { modelName: '..' })),
  nothing: await kindOf(readModel(client, { modelName: '' })),
  header: await kindOf(readModel(client, { modelName: 'x', xTraceId: '日本' })),
  invalidDate: await kindOf(createModel(client, { modelName: 'x', createdAt: new Date(NaN) })),
})
