/** Where somebody comes back to, when signing in elsewhere did not work, carries this word. */
export const REFUSED = 'refused'

const SENTENCES = new Map([
  ['denied', 'The provider did not sign you in. Try again, or choose another way.'],
  ['expired', 'That took too long, or was begun in another window. Try again.'],
  ['failed', 'The answer of the provider cannot be used. Try again, or choose another way.'],
  [
    'unverified',
    'The provider has not verified your e-mail address. Verify it there, then try again.',
  ],
  [
    'account-exists',
    'An account with your e-mail address exists. Sign in with its password, then link the provider on the account page.',
  ],
  ['linked-elsewhere', 'Another account is linked with it. Unlink it there first.'],
  ['unavailable', 'The provider does not answer. Try again in a moment, or choose another way.'],
  ['too-many', 'Too many accounts were asked for from your network. Try again later.'],
])

/** What a person reads of why a provider did not sign them in; null where nothing was refused. */
export function refusalSentence(query: { get: (name: string) => string | null }): string | null {
  return SENTENCES.get(query.get(REFUSED) ?? '') ?? null
}
