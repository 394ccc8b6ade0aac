/** Where a person goes when nothing else was asked for. */
export const HOME = '/models/'

/** Where a person without an organisation finds one, and makes one. */
export const ORGANISATIONS = '/organisations/'

/** Where an address is confirmed. */
export const CONFIRM = '/confirm-email/'

/**
 * The page to open after signing in.
 *
 * Only a path of this site is followed, so that a link to the sign-in page cannot lead elsewhere.
 */
export function returnPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])[^\\\s]*$/.test(next)) return HOME
  return next.startsWith('/sign-') ? HOME : next
}

/** The address of the sign-in page that leads back to the given page. */
export function signInPath(from: string): string {
  return from === HOME || from === '/' ? '/sign-in/' : `/sign-in/?next=${encodeURIComponent(from)}`
}
