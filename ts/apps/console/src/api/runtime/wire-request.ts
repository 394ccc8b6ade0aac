/** How generated operations put a request together from its encoded parts. */
import type { Decoded, Issue } from './decoded.ts'
import { isArray, isObject, type JsonObject } from './decoding.ts'
import { linesOf, multipartOf } from './forms.ts'
import type { RequestBody, WireRequest } from './operation.ts'
import {
  flattened,
  headerText,
  pathSegment,
  present,
  queryText,
  type Style,
  type Styles,
} from './parameters.ts'

/** The parts of a request, each encoded or refused; at most one of them is a body. */
export interface RequestParts {
  readonly path?: Decoded<JsonObject>
  readonly query?: Decoded<JsonObject>
  readonly headers?: Decoded<JsonObject>
  readonly json?: Decoded<unknown> | undefined
  readonly form?: Decoded<unknown> | undefined
  readonly multipart?: Decoded<unknown> | undefined
  /** One for each line of JSON. */
  readonly lines?: readonly Decoded<unknown>[] | undefined
  /** Text or bytes, as they are. */
  readonly body?: string | Blob | undefined
  /** How parameters are written that do not have the usual style of their place. */
  readonly styles?: Styles
  /** Media types of parts of a multipart body. */
  readonly partTypes?: Readonly<Record<string, string>>
  /** Headers that are the same in every request. */
  readonly fixedHeaders?: Readonly<Record<string, string>>
}

/** Puts the request together, or gives every issue of its parts. */
export function wireRequest(template: string, parts: RequestParts = {}): Decoded<WireRequest> {
  const { path, query, headers, json, form, multipart, lines, body, styles = {} } = parts
  const issues = [path, query, headers, json, form, multipart, ...(lines ?? [])].flatMap((part) =>
    part === undefined || part.ok ? [] : part.issues,
  )
  const filled = fillPath(template, values(path), styles, issues)
  const written = writeHeaders(values(headers), styles, issues)
  checkLists({ ...values(query), ...values(form) }, styles, issues)
  if (issues.length > 0) return { ok: false, issues }
  const sent = bodyOf(parts) ?? body
  const search = queryText(values(query), styles)
  const request: WireRequest = {
    // With the query, because pairs of texts do not tell a comma that separates from one that does not.
    path: filled + (search && `?${search}`),
    headers: { ...(form && FORM), ...written, ...parts.fixedHeaders },
    ...(json?.ok && { json: json.value }),
    ...(sent !== undefined && { body: sent }),
  }
  return { ok: true, value: request }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }

function bodyOf({
  form,
  multipart,
  lines,
  styles = {},
  partTypes = {},
}: RequestParts): RequestBody | undefined {
  if (form) return queryText(values(form), styles)
  if (multipart) return multipartOf(values(multipart), partTypes)
  return lines && linesOf(lines.flatMap((line) => (line.ok ? [line.value] : [])))
}

const values = (part: Decoded<unknown> | undefined): JsonObject =>
  part?.ok && isObject(part.value) ? part.value : {}

// What separates the items of these is encoded like themselves.
const separators: Partial<Record<Style, readonly [separator: string, word: string]>> = {
  spaces: [' ', 'space'],
  pipes: ['|', 'bar'],
}

function checkLists(values: JsonObject, styles: Styles, issues: Issue[]): void {
  for (const [name, value] of present(values)) {
    const [separator, word] = separators[styles[name] ?? 'csv'] ?? []
    if (separator !== undefined && flattened(value).some((item) => item.includes(separator))) {
      issues.push(refused(name, `a list whose items have no ${word}`))
    }
  }
}

const refused = (name: string, rule: string): Issue => ({
  pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  rule,
  message: `Should be ${rule}.`,
})

// Percent-encoding leaves `.` and `..` as they are, and they lead to another route, as nothing does.
const isAway = (segment: string) => segment === '' || segment === '.' || segment === '..'

function fillPath(template: string, values: JsonObject, styles: Styles, issues: Issue[]): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const segment = pathSegment(name, values[name], styles[name])
    if (issues.length === 0 && isAway(segment)) issues.push(refused(name, 'a part of a path'))
    return segment
  })
}

function writeHeaders(values: JsonObject, styles: Styles, issues: Issue[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of present(values)) {
    const text = headerText(value, styles[name])
    // `fetch` would throw.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
      issues.push(refused(name, 'text that a header can carry'))
    }
    // The service would read one item as two.
    const items = isArray(value) && styles[name] !== 'json' ? value : []
    if (items.some((item) => `${item}`.includes(','))) {
      issues.push(refused(name, 'a list whose items have no comma'))
    }
    headers[name] = text
  }
  return headers
}

/** The name of a stream with its parameters filled in. */
export function streamName(template: string, values: Decoded<JsonObject>): Decoded<string> {
  if (!values.ok) return values
  const issues: Issue[] = []
  const name = template.replaceAll(/\{([^{}]+)\}/g, (_, parameter: string) => {
    const value = `${values.value[parameter] ?? ''}`
    if (value === '') issues.push(refused(parameter, 'a part of a name'))
    return value
  })
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: name }
}
