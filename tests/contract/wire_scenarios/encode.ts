import {
  eitherOperation,
  formOperation,
  headerOperation,
  linesOperation,
  patchOperation,
  pathOperation,
  queryOperation,
  sameOperation,
  textOperation,
} from '../api/index.js'

const list = ['blue', 'bl ack']
const point = { xAxis: 1, yAxis: 2 }
const request = <Input>(
  operation: { encode: (input: Input) => { ok: boolean; value?: unknown; issues?: unknown } },
  input: Input,
) => {
  const encoded = operation.encode(input)
  return encoded.ok ? encoded.value : encoded.issues
}
const form = formOperation.encode({ topPoint: point, aList: list })

console.log(
  JSON.stringify({
    query: request(queryOperation, {
      formList: list,
      formListFlat: list,
      spaceDelimitedListFlat: ['blue', 'black'],
      pipeDelimitedListFlat: list,
      deepPoint: { ...point, innerList: list },
      flatPoint: point,
      openPoint: point,
      jsonPoint: point,
    }),
    separators: request(queryOperation, {
      formList: list,
      formListFlat: list,
      spaceDelimitedListFlat: ['bl ack'],
      pipeDelimitedListFlat: ['bl|ack'],
      deepPoint: { ...point, innerList: list },
      flatPoint: point,
      openPoint: point,
      jsonPoint: point,
    }),
    path: request(pathOperation, {
      simpleListFlat: list,
      simplePointFlat: point,
      simpleListExploded: list,
      simplePointExploded: point,
      labelListFlat: list,
      labelPointFlat: point,
      labelListExploded: list,
      labelPointExploded: point,
      matrixListFlat: list,
      matrixPointFlat: point,
      matrixListExploded: list,
      matrixPointExploded: point,
    }),
    header: request(headerOperation, { xColours: list, xPoint: point }),
    same: request(sameOperation, { path: { id: 'p' }, query: { id: 3 }, body: point }),
    form: form.ok && String(form.value.body),
    formHeaders: form.ok && form.value.headers,
    patch: request(patchOperation, point),
    lines: request(linesOperation, [point, point]),
    text: request(textOperation, 'a,b'),
    either: request(eitherOperation, undefined),
    refused: request(sameOperation, { path: { id: '.' }, body: point }),
  }),
)
