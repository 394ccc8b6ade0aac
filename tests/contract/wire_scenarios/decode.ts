import { mixedOperation, rowsOperation } from '../api/index.js'

const point = '{"x_axis":1,"y_axis":2}'

console.log(
  JSON.stringify({
    json: mixedOperation.outputs['200']?.(point),
    notJson: mixedOperation.outputs['200']?.('{').ok,
    text: mixedOperation.outputs['203']?.(point),
    nothing: mixedOperation.outputs['204']?.('').ok,
    read: mixedOperation.body,
    rows: rowsOperation.outputs['2XX']?.(`${point}\n\n${point}\n`),
    badRow: rowsOperation.outputs['2XX']?.(`${point}\n{"x_axis":"1","y_axis":2}\n`),
    refused: rowsOperation.failures['4XX'](JSON.parse(point)),
    failures: Object.keys(rowsOperation.failures),
  }),
)
