/** How a typed body becomes a form. */
import { isArray, type JsonObject } from './decoding.ts'
import { present } from './parameters.ts'

/**
 * A body of `multipart/form-data`: bytes are files, lists are repeated parts, objects are JSON.
 * Parts named in `types` are sent with that media type.
 */
export function multipartOf(values: JsonObject, types: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of present(values)) {
    for (const part of isArray(value) ? value : [value]) appendPart(form, name, part, types[name])
  }
  return form
}

function appendPart(form: FormData, name: string, part: unknown, type: string | undefined): void {
  if (part instanceof File) {
    form.append(name, type ? new File([part], part.name, { type }) : part)
  } else if (part instanceof Blob) {
    form.append(name, type ? new Blob([part], { type }) : part)
  } else if (typeof part === 'object' || type) {
    const text = typeof part === 'string' ? part : JSON.stringify(part)
    form.append(name, new Blob([text], { type: type ?? 'application/json' }))
  } else {
    form.append(name, `${part}`)
  }
}

/** A body of JSON lines. */
export const linesOf = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')
