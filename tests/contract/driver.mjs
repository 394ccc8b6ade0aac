// Decodes and encodes what the tests send, one JSON line in, one JSON line out.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { createInterface } from 'node:readline'

// Generated modules import each other as `.js`, as they would be after compilation.
registerHooks({
  resolve(specifier, context, next) {
    const typescript = specifier.startsWith('.') && specifier.endsWith('.js')
    return next(typescript ? specifier.replace(/\.js$/, '.ts') : specifier, context)
  },
})

const folder = pathToFileURL(`${process.argv[2]}/`)
const decoders = await import(new URL('decode.ts', folder))
const encoders = await import(new URL('encode.ts', folder))

function answer({ decode, encode, json, expression }) {
  // `expression` is JavaScript that makes the value, for what JSON cannot say.
  const decoded = decode
    ? decoders[decode](JSON.parse(json))
    : { ok: true, value: new Function(`return ${expression}`)() }
  return decoded.ok && encode ? encoders[encode](decoded.value) : decoded
}

for await (const line of createInterface({ input: process.stdin })) {
  let result
  try {
    result = answer(JSON.parse(line))
  } catch (error) {
    result = { crash: `${error.stack}` }
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
