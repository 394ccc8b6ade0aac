// Sends [path, init, options] through mockFetch and tells what comes back.
import './resolve.mjs'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const folder = pathToFileURL(`${process.argv[2]}/`)
const { mockFetch, mocks } = await import(new URL('mock.ts', folder))

async function answer([path, init, options]) {
  try {
    const response = await mockFetch(mocks, options)(path, init)
    const { status, headers } = response
    return { status, type: headers.get('content-type'), body: await response.text() }
  } catch (error) {
    return { error: `${error.name}: ${error.message}` }
  }
}

const questions = JSON.parse(await text(process.stdin))
process.stdout.write(JSON.stringify(await Promise.all(questions.map(answer))))
