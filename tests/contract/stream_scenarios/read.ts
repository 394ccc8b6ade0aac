// Reads a streamed prediction to its end, then hangs up in the middle of another.
import { AbortedError, createClient, streamSpell } from '../api/index.js'

const [baseUrl = '', cookie = ''] = process.argv.slice(2)
const client = createClient({ baseUrl, headers: { cookie } })

const letters: string[] = []
let stored: { id: string; text: string; createdAt: Date } | undefined
let failure: string | undefined
for (const text of ['abc', 'd!']) {
  for await (const event of streamSpell(client, { text })) {
    if (event.type === 'piece') letters.push(event.piece.nextLetter)
    else if (event.type === 'failed') failure = `${event.error.status} ${event.error.requestId !== ''}`
    else {
      const { id, createdAt, output } = event.prediction
      stored = { id, text: output.text, createdAt }
    }
  }
}

const controller = new AbortController()
let heard = 0
let ended = ''
try {
  for await (const event of streamSpell(client, { text: '~' }, { signal: controller.signal })) {
    if (event.type === 'piece' && (heard += 1) === 3) controller.abort()
  }
} catch (error) {
  ended = error instanceof AbortedError ? 'aborted' : String(error)
}

console.log(
  JSON.stringify({
    letters,
    id: stored?.id,
    text: stored?.text,
    isDate: stored?.createdAt instanceof Date,
    failure,
    heard,
    ended,
  }),
)
