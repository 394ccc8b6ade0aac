import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { curlSnippet } from './curl.ts'

test('a shell hands the body to curl exactly as it was', () => {
  const body = { text: `it's "odd" $HOME \`ls\` \\ \n!` }
  const snippet = curlSnippet({ origin: 'http://a', path: '/v1/x', email: 'a@b.c', body })
  // The shell's own function in place of curl shows the words that it would get.
  const script = `curl() { printf '%s\\0' "$@"; }\n${snippet}`
  const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0')
  assert.deepEqual(JSON.parse(words.at(-2) ?? ''), body)
  assert.ok(words.includes('http://a/v1/x'))
  assert.ok(words.includes('http://a/v1/sessions'))
})
