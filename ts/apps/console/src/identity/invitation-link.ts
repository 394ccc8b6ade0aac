/** The link of an invitation. The token stands behind `#`, which no browser sends to a server. */
export function invitationLink(origin: string, token: string): string {
  return `${origin}/invitation/#token=${encodeURIComponent(token)}`
}

/** The token in what stands behind `#` in an address; null where there is none. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') || null
}
