import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '#api/types.ts'
import { ROLES, type Role, removalRefusal, roleRefusal, rolesGivenBy } from './role.ts'

function member(id: string, role: Role): Member {
  return { id, email: `${id}@example.com`, role, createdAt: new Date('2026-01-31T09:30:00Z') }
}

const ada = member('ada', 'owner')
const grace = member('grace', 'admin')
const alan = member('alan', 'member')
const members = [ada, grace, alan]

test('nobody gives a stronger role than their own, and the weak give none', () => {
  assert.deepEqual(rolesGivenBy('owner'), ROLES)
  assert.deepEqual(rolesGivenBy('admin'), ['viewer', 'member', 'admin'])
  assert.deepEqual(rolesGivenBy('member'), [])
})

test('an admin changes everybody but owners', () => {
  const company = { me: 'grace', role: 'admin', members } as const
  assert.equal(roleRefusal(alan, company), null)
  assert.equal(roleRefusal(grace, company), null)
  assert.match(roleRefusal(ada, company) ?? '', /Only an owner/)
  assert.match(removalRefusal(ada, company) ?? '', /Only an owner/)
})

test('a member changes nobody and may leave', () => {
  const company = { me: 'alan', role: 'member', members } as const
  assert.match(roleRefusal(alan, company) ?? '', /Only admins/)
  assert.match(removalRefusal(grace, company) ?? '', /Only admins/)
  assert.equal(removalRefusal(alan, company), null)
})

test('the only owner stays one, and of two either may go', () => {
  const company = { me: 'ada', role: 'owner', members } as const
  assert.match(roleRefusal(ada, company) ?? '', /^You are the only owner/)
  assert.match(removalRefusal(ada, company) ?? '', /^You are the only owner/)
  const two = { ...company, members: [...members, member('kay', 'owner')] }
  assert.equal(roleRefusal(ada, two), null)
  assert.equal(removalRefusal(ada, two), null)
})
