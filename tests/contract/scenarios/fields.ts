import { listModels, listModelsFields } from '../api/index.js'
import { client, print } from './connect.js'

const page = await listModelsFields(client, ['modelName', 'createdAt'], { cursor: '2' })
const [first] = page.items
// Only what was asked for is there to be read.
const name: string | undefined = first?.modelName
const isDate = first?.createdAt instanceof Date
// @ts-expect-error the score was not asked for
const score = first?.bestScore
const whole = await listModels(client)
const keys = Object.keys(first ?? {})
print({ name, isDate, score: score ?? null, keys, whole: whole.items.length })
