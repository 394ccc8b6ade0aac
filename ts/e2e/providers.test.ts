import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible } from './accessibility.ts'
import { launch, Window } from './browser.ts'
import { modelLink, problemNotice, signOut, signUp, somebody } from './person.ts'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('who signs in with a provider has an account, and comes back to it', async () => {
  const name = `ada-${randomUUID()}`
  const window = await open()
  const { page } = window
  await page.goto('/sign-up/')
  await assertAccessible(page, 'sign-up-with-providers')
  await agree(page, name)
  await modelLink(page).waitFor()
  await page.getByRole('button', { name: `Account ${name}@example.com` }).waitFor()
  await signOut(page)
  await page.goto('/sign-in/?next=/history/')
  await assertAccessible(page, 'sign-in-with-providers')
  // The provider remembers the browser, and asks nothing.
  await page.getByRole('button', { name: 'Continue with Acme' }).click()
  await page.waitForURL(({ pathname }) => pathname === '/history/')
  await page.goto('/account/')
  await link(page, 'Unlink Acme').waitFor()
  await assertAccessible(page, 'account-with-providers')
  window.expect('status of 409', '/v1/linked-identities/')
  await link(page, 'Unlink Acme').click()
  await problemNotice(page).getByText('no password').waitFor()
  await window.close()
})

test('an account with the same address is linked by its holder alone', async () => {
  const { email, password } = somebody()
  const window = await open()
  const { page } = window
  await signUp(page, { email, password })
  const other = await open()
  await other.page.goto('/sign-in/')
  await agree(other.page, email.replace('@example.com', ''))
  await other.page.getByText('An account with your e-mail address exists.').waitFor()
  assert.equal(new URL(other.page.url()).pathname, '/sign-in/')
  await assertAccessible(other.page, 'sign-in-refused')
  await other.close()

  await page.goto('/account/')
  await link(page, 'Link Acme').click()
  await agreeThere(page, email.replace('@example.com', ''))
  await link(page, 'Unlink Acme').click()
  await link(page, 'Link Acme').waitFor()
  await window.close()
})

test('who says no at the provider is told so and can try again', async () => {
  const window = await open()
  const { page } = window
  await page.goto('/sign-in/')
  await page.getByRole('button', { name: 'Continue with Acme' }).click()
  await page.getByText('Cancel').click()
  await page.getByText('The provider did not sign you in.').waitFor()
  await agree(page, `ada-${randomUUID()}`)
  await modelLink(page).waitFor()
  await window.close()
})

/** A window in which the provider's own pages may lack what they load from elsewhere. */
async function open(): Promise<Window> {
  const window = await Window.open(browser)
  window.expect('Failed to load resource', 'fonts.googleapis.com')
  window.expect('status of 404', '/favicon.ico')
  return window
}

/** Signs in with the provider from the page of this service, for the first time there. */
async function agree(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Acme' }).click()
  await agreeThere(page, name)
}

/** Signs in on the provider's own pages, and agrees there. */
async function agreeThere(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(name)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
}

function link(page: Page, name: string) {
  return page.getByRole('list', { name: 'Sign-in providers' }).getByRole('button', { name })
}
