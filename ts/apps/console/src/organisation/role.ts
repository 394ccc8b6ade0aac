import type { Member, SessionOrganisation } from '#api/types.ts'

export type Role = SessionOrganisation['role']

/** From the weakest to the strongest. */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const satisfies readonly Role[]

/** What each role may do, beside what the weaker ones may. */
export const ROLE_SENTENCES: Readonly<Record<Role, string>> = {
  viewer: 'Sees models and the history.',
  member: 'Makes predictions.',
  admin: 'Manages members, invitations and keys, and reads the audit log.',
  owner: 'Makes and changes other owners.',
}

/** Whether a role allows what `least` allows. */
export function hasRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}

/** The roles that somebody of this role may give: none stronger than their own. */
export function rolesGivenBy(role: Role): readonly Role[] {
  return hasRole(role, 'admin') ? ROLES.filter((one) => hasRole(role, one)) : []
}

/** Whether a text is one of the roles. */
export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text)
}

/** Who looks at the members, and all of them. */
export type Company = {
  readonly me: string
  readonly role: Role
  readonly members: readonly Member[]
}

/** Why a member's role may not be changed by who looks at it; null where it may. */
export function roleRefusal(member: Member, company: Company): string | null {
  if (!hasRole(company.role, 'admin')) return 'Only admins and owners change roles.'
  if (member.role === 'owner' && company.role !== 'owner') return 'Only an owner changes an owner.'
  return lastOwnerRefusal(member, company)
}

/** Why a member may not be removed by who looks at it; null where they may. */
export function removalRefusal(member: Member, company: Company): string | null {
  return member.id === company.me ? lastOwnerRefusal(member, company) : roleRefusal(member, company)
}

function lastOwnerRefusal(member: Member, { me, members }: Company): string | null {
  const owners = members.filter(({ role }) => role === 'owner')
  if (member.role !== 'owner' || owners.length > 1) return null
  const who = member.id === me ? 'You are' : 'This is'
  return `${who} the only owner. Make somebody else an owner first.`
}
