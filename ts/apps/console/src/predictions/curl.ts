import type { JsonValue } from '#api/types.ts'

type Request = {
  readonly origin: string
  readonly path: string
  readonly email: string
  readonly body: JsonValue
}

/** Shell commands that sign in and make the same prediction. */
export function curlSnippet({ origin, path, email, body }: Request): string {
  const credentials = { email, password: 'your password' }
  return [
    '# Sign in once; the session is kept in session.txt.',
    curl(`${origin}/v1/sessions`, '--cookie-jar session.txt', credentials),
    '',
    '# Predict.',
    curl(`${origin}${path}`, '--cookie session.txt', body),
  ].join('\n')
}

function curl(url: string, cookie: string, body: JsonValue): string {
  return [
    `curl ${quoted(url)}`,
    `  ${cookie}`,
    "  --header 'content-type: application/json'",
    `  --data ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n')
}

/** The text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
