import { createClient, query } from '../api/index.js'

const [baseUrl = '', ...items] = process.argv.slice(2)
const point = { xAxis: 1, yAxis: 2 }
const plain = items.map((item) => item.replaceAll(/[ |]/g, ''))

await query(createClient({ baseUrl }), {
  formList: items,
  formListFlat: items,
  spaceDelimitedListFlat: plain,
  pipeDelimitedListFlat: plain,
  deepPoint: { ...point, innerList: items },
  flatPoint: point,
  openPoint: point,
  jsonPoint: point,
})
console.log('null')
