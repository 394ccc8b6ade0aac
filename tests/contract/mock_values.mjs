// Answers [operation, status, media type, seed] with the values that the recipes of mock.ts make.
import './resolve.mjs'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const folder = pathToFileURL(`${process.argv[2]}/`)
const { mocks } = await import(new URL('mock.ts', folder))
const { mockValue } = await import(new URL('runtime/mock-values.ts', folder))

const made = {}
for (const [operation, status, mediaType, seed] of JSON.parse(await text(process.stdin))) {
  const mock = mocks.find((one) => one.operationId === operation)
  const answer = mock.answers.find((one) => one.status === status && one.mediaType === mediaType)
  made[seed] = mockValue(answer.recipe, seed)
}
process.stdout.write(JSON.stringify(made))
