import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRelative, formatZone } from './time.ts'

const NOW = new Date('2026-11-22T12:00:00Z')

function relativeAfter(seconds: number): string {
  return formatRelative(new Date(NOW.getTime() - seconds * 1000), NOW).replaceAll('\u00a0', ' ')
}

test('a time is told in the largest unit that fits', () => {
  assert.equal(relativeAfter(3), 'just now')
  assert.equal(relativeAfter(59), '59 s ago')
  assert.equal(relativeAfter(60), '1 min ago')
  assert.equal(relativeAfter(3599), '59 min ago')
  assert.equal(relativeAfter(3600), '1 h ago')
  assert.equal(relativeAfter(2 * 86_400), '2 d ago')
})

test('a clock that runs behind the server still says just now', () => {
  assert.equal(relativeAfter(-30), 'just now')
})

test('a time of more than thirty days ago is a date', () => {
  assert.equal(relativeAfter(40 * 86_400), '13 Oct 2026')
})

test('a zone is named with its offset at that instant', () => {
  assert.equal(
    formatZone(new Date('2026-01-15T00:00:00Z'), 'Europe/Berlin'),
    'Europe/Berlin, UTC+01:00',
  )
  assert.equal(
    formatZone(new Date('2026-07-15T00:00:00Z'), 'Europe/Berlin'),
    'Europe/Berlin, UTC+02:00',
  )
  assert.equal(formatZone(NOW, 'Europe/London'), 'Europe/London, UTC+00:00')
  assert.equal(formatZone(NOW, 'UTC'), 'UTC')
})
