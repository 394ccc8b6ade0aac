import type { Locator, Page } from 'playwright-core'
import { serverAddress } from './browser.ts'
import type { Person } from './person.ts'

const PREDICTIONS = '/v1/models/sentiment/predictions'

/** Opens the list of members. */
export async function openOrganisation(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Organisation' }).click()
  await page.getByRole('list', { name: 'Members' }).waitFor()
}

/** Invites somebody and returns the link, which the page shows this once. */
export async function invite(page: Page, { email }: Person, role: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByLabel('E-mail of the person').fill(email)
  await page.getByLabel('Role', { exact: true }).selectOption(role)
  await page.getByRole('button', { name: 'Make the invitation' }).click()
  return page.getByRole('textbox', { name: 'Invitation link' }).inputValue()
}

/** Makes a key and returns it; the page shows it this once. */
export async function makeKey(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Make the key' }).click()
  return page.getByRole('textbox', { name: 'API key' }).inputValue()
}

export async function fillSignUp(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** Predicts as a program does, which has the key and no cookie; returns the status. */
export async function predictWith(key: string): Promise<number> {
  // biome-ignore lint/style/noRestrictedGlobals: a program of somebody else, which has no client of ours
  const answer = await fetch(serverAddress() + PREDICTIONS, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'a moving, funny, beautifully acted film' }),
  })
  await answer.body?.cancel()
  return answer.status
}

/** The address of every request that the page makes from now on. */
export function addressesOf(page: Page): readonly string[] {
  const addresses: string[] = []
  page.on('request', (request) => addresses.push(request.url()))
  return addresses
}

export function tokenIn(link: string): string {
  return new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? ''
}

export function memberRow(page: Page, { email }: Person): Locator {
  return page
    .getByRole('list', { name: 'Members' })
    .getByRole('listitem')
    .filter({ hasText: email })
}

export function keyRow(page: Page, name: string): Locator {
  return page
    .getByRole('list', { name: 'API keys' })
    .getByRole('listitem')
    .filter({ hasText: name })
}

export function entry(page: Page, event: string): Locator {
  return page
    .getByRole('list', { name: 'Changes' })
    .getByRole('listitem')
    .filter({ hasText: event })
}
