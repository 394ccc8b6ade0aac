// Time one subject on one payload, alone in its process: prints the median milliseconds of a call.

import { decodePredictionPage, decodeTraining } from './generated/decode.js'
import { payloads } from './payloads.ts'
import { decodeDeep, decodePage } from './zod.ts'

const WARM_UP_SECONDS = 0.6
const SAMPLES = 41

const decoders = {
  page: { generated: decodePredictionPage, zod: decodePage },
  deep: { generated: decodeTraining, zod: decodeDeep },
}

const [payload, subject] = process.argv.slice(2)
if (payload !== 'page' && payload !== 'deep') throw new Error(`no payload ${payload}`)
const text = JSON.stringify(payloads[payload]())

function run(): unknown {
  const value: unknown = JSON.parse(text)
  if (subject === 'generated') return decoders[payload === 'page' ? 'page' : 'deep'].generated(value)
  return subject === 'zod' ? decoders[payload === 'page' ? 'page' : 'deep'].zod(value) : value
}

const answer = run()
if (subject === 'generated' && JSON.stringify(answer).includes('"issues"')) {
  throw new Error('the payload does not match the contract')
}
const begun = performance.now()
while (performance.now() - begun < WARM_UP_SECONDS * 1000) run()

const samples = Array.from({ length: SAMPLES }, () => {
  const start = performance.now()
  for (let call = 0; call < 5; call++) run()
  return (performance.now() - start) / 5
})
samples.sort((left, right) => left - right)
console.log(samples[SAMPLES >> 1])
