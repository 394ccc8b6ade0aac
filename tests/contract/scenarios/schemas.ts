import { newModelSchema, modelWireSchema } from '../api/index.js'
import { print } from './connect.js'

const check = (value: unknown) => newModelSchema['~standard'].validate(value)
const wire = await modelWireSchema['~standard'].validate({ model_name: 1 })
print({
  good: 'value' in check({ modelName: 'x', createdAt: new Date(0) }),
  bad: check({ modelName: 1 }).issues?.map((issue) => issue.path),
  wire: wire.issues?.map((issue) => issue.path),
})
