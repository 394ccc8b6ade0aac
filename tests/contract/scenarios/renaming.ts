import { createModel, fillIn, isPlainDate, readModel, see, upload } from '../api/index.js'
import { client, print } from './connect.js'

const day = '2026-05-06'
if (!isPlainDate(day)) throw new Error('not a date')
const createdAt = new Date('2026-03-01T10:00:00.123Z')
const created = await createModel(client, { modelName: 'new', createdAt, parentModel: 'old' })
const model = await readModel(client, { modelName: 'a&b ü?', xTraceId: 'trace-1' })
const seen = await see(client, {
  someId: 'x y&z',
  when: day,
  createdAfter: createdAt,
  tagNames: ['first tag', 'a&b'],
  xTraceId: 'trace-2',
})
const uploaded = await upload(client, {
  dataFile: new File(['0123456789'], 'rows.csv', { type: 'text/csv' }),
  rowCount: 10,
  takenAt: createdAt,
  tagNames: ['a', 'b'],
})
const { form } = await fillIn(client, { firstName: 'Ada & co', bornOn: day })
const dates = [created.createdAt, model.createdAt, uploaded.takenAt]
print({ created, model, seen, uploaded, form, dates: dates.map((one) => one instanceof Date) })
