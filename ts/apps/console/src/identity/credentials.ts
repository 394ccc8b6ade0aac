import type { ProblemReason } from '#api/types.ts'

export const MINIMUM_PASSWORD_CHARACTERS = 10

/** A sentence per refused field of the sign-in and sign-up forms. */
export type CredentialRefusals = {
  readonly email?: string
  readonly password?: string
  readonly organisation?: string
}

/** What is wrong with what should be an e-mail address; undefined where nothing is. */
export function emailRefusal(email: string): string | undefined {
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return undefined
  return 'Write an e-mail address, such as you@example.com.'
}

/** What is missing before credentials can be sent at all. */
export function missingCredentials(email: string, password: string): CredentialRefusals {
  const refusal = emailRefusal(email)
  return {
    ...(refusal === undefined ? {} : { email: refusal }),
    ...(password === '' ? { password: 'Write your password.' } : {}),
  }
}

/** What is missing before an account can be made. */
export function missingForAccount(email: string, password: string): CredentialRefusals {
  const missing = missingCredentials(email, password)
  const refusal = newPasswordRefusal(password)
  return refusal === undefined ? missing : { ...missing, password: refusal }
}

/** What is wrong with what should become a password; undefined where nothing is. */
export function newPasswordRefusal(password: string): string | undefined {
  if ([...password].length >= MINIMUM_PASSWORD_CHARACTERS) return undefined
  return `Use at least ${MINIMUM_PASSWORD_CHARACTERS} characters.`
}

/** The server's refusals at the fields that they are about. */
export function credentialRefusals(reasons: readonly ProblemReason[]): CredentialRefusals {
  const messageAt = (pointer: string) => reasons.find((one) => one.pointer === pointer)?.message
  const email = messageAt('/email')
  const password = messageAt('/password')
  const organisation = messageAt('/organisation_name')
  return {
    ...(email === undefined ? {} : { email }),
    ...(password === undefined ? {} : { password }),
    ...(organisation === undefined ? {} : { organisation }),
  }
}
