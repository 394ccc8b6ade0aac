import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '#api/types.ts'
import { actorOf, changesOf, eventOf, subjectNames } from './audit-entry.ts'

const WHEN = new Date('2026-01-31T09:30:00Z')
const ADA = { id: 'ada', email: 'ada@example.com', role: 'owner', createdAt: WHEN } as const

function entry(action: string, detail: AuditEntry['detail'], subject = 'one'): AuditEntry {
  return { id: `${action} ${subject}`, personId: 'ada', action, subject, detail, createdAt: WHEN }
}

const REVOKED = entry('api_keys.update', { revoked_at: { after: '2026-01-31T09:30:00+00:00' } })

for (const [one, words] of [
  [
    entry('organisation_members.update', { role: { before: 'member', after: 'admin' } }),
    'Role changed',
  ],
  [entry('organisation_members.delete', { role: { before: 'member' } }), 'Member removed'],
  [entry('organisation_members.delete', { role: { before: 'member' } }, 'ada'), 'Member left'],
  [entry('invitations.insert', { email: { after: 'a@b.c' } }), 'Invitation made'],
  [
    entry('invitations.update', { accepted_at: { after: WHEN.toISOString() } }),
    'Invitation accepted',
  ],
  [REVOKED, 'API key revoked'],
  [entry('api_keys.update', { name: { before: 'a', after: 'b' } }), 'API key changed'],
  [entry('price_lists.insert', {}), 'Price lists added'],
  [entry('restored', {}), 'Restored'],
] as const) {
  test(`${one.action} of ${Object.keys(one.detail)} of ${one.subject} reads: ${words}`, () => {
    assert.equal(eventOf(one), words)
  })
}

test('a change tells its value before and after, and what was not there is null', () => {
  const detail = {
    role: { before: 'member', after: 'admin' },
    scopes: { after: ['a', 'b'] },
    revoked_at: {},
  }
  assert.deepEqual(changesOf(entry('x.update', detail)), [
    { name: 'Role', before: 'member', after: 'admin' },
    { name: 'Scopes', before: null, after: 'a, b' },
  ])
})

test('a moment is told as one', () => {
  const [change] = changesOf(REVOKED)
  assert.match(change?.after ?? '', /^31 Jan 2026/)
})

test('a detail of another form is shown as it is', () => {
  assert.deepEqual(changesOf(entry('x.update', { rows: 3 })), [
    { name: 'Rows', before: null, after: '3' },
  ])
})

test('what names a subject in one entry names it in all', () => {
  const made = entry('api_keys.insert', { name: { after: 'nightly' } })
  const renamed = entry('api_keys.update', { name: { before: 'nightly', after: 'daily' } })
  const names = subjectNames([REVOKED, renamed, made], [ADA])
  assert.equal(names.get('one'), 'daily')
  assert.equal(names.get('ada'), 'ada@example.com')
})

test('who is no member any more, and the server, are told apart', () => {
  assert.equal(actorOf(REVOKED, [ADA]), 'ada@example.com')
  assert.equal(actorOf(REVOKED, []), 'A former member')
  assert.equal(actorOf({ ...REVOKED, personId: null }, [ADA]), 'The server')
})
