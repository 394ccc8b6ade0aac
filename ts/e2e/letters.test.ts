import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible } from './accessibility.ts'
import { launch, Window } from './browser.ts'
import { linkIn } from './letters.ts'
import { addressesOf, invite, openOrganisation, tokenIn } from './organisation.ts'
import {
  modelLink,
  openInHistory,
  type Person,
  predict,
  problemNotice,
  signIn,
  signOut,
  signUp,
  somebody,
} from './person.ts'

const CONFIRM = 'Confirm your e-mail address'
const CHOOSE = 'Choose a new password'
const PRAISE = 'a moving, funny, beautifully acted film'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('a person confirms an address by the letter; its token leaves the address bar', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, person)
  await openAccount(page, person)
  await page.getByText(`${person.email} is not confirmed yet.`).waitFor()
  await assertAccessible(page, 'account')
  await page.getByRole('link', { name: 'Read what it kept' }).first().click()
  await page.getByRole('heading', { name: CONFIRM }).first().waitFor()
  await assertAccessible(page, 'outbox')
  const link = await linkIn(page, person, CONFIRM)
  const addresses = addressesOf(page)
  await page.goto(link)
  await page.getByRole('button', { name: 'Confirm the address' }).waitFor()
  assert.equal(new URL(page.url()).hash, '')
  await assertAccessible(page, 'confirm-email')
  await page.getByRole('button', { name: 'Confirm the address' }).click()
  await page.getByText('Your e-mail address is confirmed.').waitFor()
  await assertAccessible(page, 'email-confirmed')
  assert.ok(addresses.every((address) => !new URL(address).search.includes(tokenIn(link))))
  await page.getByRole('link', { name: 'Open the console' }).click()
  await openAccount(page, person)
  await page.getByText(`${person.email}, confirmed on`).waitFor()
  await window.close()
})

test('a forgotten password is chosen anew by the letter, once', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  window.expect('status of 401', '/v1/sessions')
  window.expect('status of 409', '/v1/password-resets:use')
  const { page } = window
  await signUp(page, person)
  await signOut(page)
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByRole('button', { name: 'Send the link' }).click()
  await page.getByText('Write an e-mail address').waitFor()
  await assertAccessible(page, 'forgot-password')
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('E-mail').press('Enter')
  await page.getByText('a letter is on its way').waitFor()
  await assertAccessible(page, 'forgot-password-sent')
  const link = await linkIn(page, person, CHOOSE)
  await page.goto(link)
  await page.getByLabel('New password', { exact: true }).fill('short')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Use at least 10 characters.').waitFor()
  assert.equal(new URL(page.url()).hash, '')
  await assertAccessible(page, 'reset-password')
  const changed = { ...person, password: 'quite another password' }
  await page.getByLabel('New password', { exact: true }).fill(changed.password)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Your password is changed.').waitFor()
  await signIn(page, person)
  await problemNotice(page).waitFor()
  await signIn(page, changed)
  await modelLink(page).waitFor()

  const again = await Window.open(browser)
  again.expect('status of 409', '/v1/password-resets:use')
  await again.page.goto(link)
  await again.page.getByLabel('New password', { exact: true }).fill('a third long password')
  await again.page.getByRole('button', { name: 'Set the password' }).click()
  await problemNotice(again.page).waitFor()
  await assertAccessible(again.page, 'reset-password-used')
  await again.close()
  await window.close()
})

test('a person changes password and address on the account page', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  window.expect('status of 401', '/v1/accounts/current/')
  const { page } = window
  await signUp(page, person)
  await openAccount(page, person)
  const password = page.getByRole('form', { name: 'Password' })
  await password.getByLabel('Current password', { exact: true }).fill('not my password')
  await password.getByLabel('New password', { exact: true }).fill('quite another password')
  await password.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText('This is not your password.').waitFor()
  await assertAccessible(page, 'account-refused')
  await password.getByLabel('Current password', { exact: true }).fill(person.password)
  await password.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText('Your password is changed.').waitFor()

  const moved = somebody()
  const email = page.getByRole('form', { name: 'E-mail' })
  await email.getByLabel('New e-mail').fill(moved.email)
  await email.getByLabel('Password', { exact: true }).fill('quite another password')
  await email.getByRole('button', { name: 'Change the address' }).click()
  await page.getByText(`A letter is on its way to ${moved.email}.`).waitFor()
  await page.goto(await linkIn(page, moved, CONFIRM))
  await page.getByRole('button', { name: 'Confirm the address' }).click()
  await page.getByText('Your e-mail address is confirmed.').waitFor()
  await page.getByRole('link', { name: 'Open the console' }).click()
  await page.getByRole('button', { name: `Account ${moved.email}` }).waitFor()
  await window.close()
})

test('a person switches organisations by keyboard, and each shows its own', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, person)
  await modelLink(page).click()
  await predict(page, PRAISE)
  await openInHistory(page, PRAISE)
  await page.getByRole('button', { name: 'Organisation Analytical Engines' }).click()
  await page.getByRole('menuitem', { name: 'Make or join another' }).click()
  await page.getByRole('list', { name: 'Your organisations' }).waitFor()
  await page.getByRole('button', { name: 'Make the organisation' }).click()
  await page.getByText('Write a name').waitFor()
  await assertAccessible(page, 'organisations')
  await page.getByLabel('New organisation').fill('Difference Engines')
  await page.getByLabel('New organisation').press('Enter')
  const menu = page.getByRole('button', { name: 'Organisation Difference Engines' })
  await menu.waitFor()
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByText('No predictions yet').waitFor()
  assert.equal(await page.getByText(PRAISE).count(), 0)

  await menu.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitemradio', { name: 'Analytical Engines' }).waitFor()
  await assertAccessible(page, 'organisation-menu', [{ width: 1280, height: 800 }])
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Organisation Analytical Engines' }).waitFor()
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('list', { name: 'Predictions' }).getByText(PRAISE).waitFor()
  await window.close()
})

test('an owner renames; a guest is invited by letter, leaves, and begins anew', async () => {
  const [owner, guest] = [somebody(), somebody()]
  const first = await Window.open(browser)
  await signUp(first.page, owner)
  await openOrganisation(first.page)
  await first.page.getByRole('button', { name: 'Rename' }).click()
  await first.page.getByLabel('Name of the organisation').fill('Alder')
  await assertAccessible(first.page, 'organisation-rename')
  await first.page.getByLabel('Name of the organisation').press('Enter')
  await first.page.getByRole('button', { name: 'Organisation Alder' }).waitFor()
  const shown = await invite(first.page, guest, 'member')
  const link = await linkIn(first.page, guest, 'Join Alder')
  assert.equal(tokenIn(link), tokenIn(shown))
  await first.close()

  const window = await Window.open(browser)
  window.expect('status of 403', '/v1/')
  const { page } = window
  await signUp(page, guest)
  await page.getByRole('button', { name: /^Organisation / }).click()
  await page.getByRole('menuitem', { name: 'Make or join another' }).click()
  await page.getByLabel('Link of an invitation').fill(link)
  await page.getByRole('button', { name: 'Open the invitation' }).click()
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await page.getByText('You have joined Alder.').waitFor()
  await page.getByRole('button', { name: 'Leave the organisation' }).click()
  await page.getByLabel(/^Write/).fill('Alder')
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.getByText('You have left the organisation.').waitFor()
  await assertAccessible(page, 'organisations-none')
  await page.goto('/models/')
  await page.waitForURL('**/organisations/')
  await page.getByRole('button', { name: 'Open Analytical Engines' }).click()
  await modelLink(page).waitFor()
  await window.close()
})

async function openAccount(page: Page, { email }: Person): Promise<void> {
  await page.getByRole('button', { name: `Account ${email}` }).click()
  await page.getByRole('menuitem', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'E-mail address' }).waitFor()
}
