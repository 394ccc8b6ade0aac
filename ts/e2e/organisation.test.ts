import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessible } from './accessibility.ts'
import { launch, Window } from './browser.ts'
import {
  addressesOf,
  entry,
  fillSignUp,
  invite,
  keyRow,
  makeKey,
  memberRow,
  openOrganisation,
  predictWith,
  tokenIn,
} from './organisation.ts'
import { problemNotice, signIn, signUp, somebody } from './person.ts'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('an invited person joins, is given a role, and both read it in the log', async () => {
  const [ada, grace] = [somebody(), somebody()]
  const first = await Window.open(browser)
  const second = await Window.open(browser)
  await signUp(first.page, ada)
  await openOrganisation(first.page)
  const link = await invite(first.page, grace, 'Viewer')
  assert.match(link, /\/invitation\/#token=[\w-]{32}$/)
  await first.page.getByText('Viewer, until').waitFor()

  const asked = addressesOf(second.page)
  await second.page.goto(link)
  await second.page.getByText('You are invited.').waitFor()
  assert.equal(new URL(second.page.url()).hash, '')
  await second.page.getByRole('link', { name: 'Create an account' }).click()
  await fillSignUp(second.page, grace)
  await second.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await second.page.getByText('You have joined Analytical Engines.').waitFor()
  assert.deepEqual(
    asked.filter((address) => address.includes(tokenIn(link))),
    [],
  )
  assert.equal(await second.page.getByRole('link', { name: 'API keys' }).count(), 0)
  assert.equal(await memberRow(second.page, ada).getByRole('button').count(), 0)

  await first.page.reload()
  await first.page.getByText('No open invitations').waitFor()
  const role = first.page.getByLabel(`Role of ${grace.email}`)
  await role.selectOption('Admin')
  await first.page.getByRole('button', { name: 'Save' }).click()
  await first.page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
  assert.equal(await role.inputValue(), 'admin')

  await second.page.reload()
  await second.page.getByRole('link', { name: 'Audit log' }).click()
  const changed = entry(second.page, 'Role changed')
  await changed.waitFor()
  assert.match(
    await changed.innerText(),
    new RegExp(`${grace.email}\\s+Role\\s+viewer\\s+→\\s+became\\s+admin`),
  )
  assert.match(await changed.innerText(), new RegExp(ada.email))
  await entry(second.page, 'Invitation accepted').waitFor()
  await entry(second.page, 'Invitation made').waitFor()
  await first.close()
  await second.close()
})

test('a key predicts until it is revoked, and the log knows of both', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await openOrganisation(page)
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByText('No keys yet').waitFor()
  const key = await makeKey(page, 'nightly import')
  assert.match(key, /^lsk_[0-9A-Za-z]{36}$/)
  assert.equal(await predictWith(key), 200)
  // A key that is shown once is not lost to a stray Escape.
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Done' }).click()
  assert.equal((await page.content()).includes(key), false)

  await page.reload()
  await keyRow(page, 'nightly import').getByText('Last used just now').waitFor()
  await page.getByRole('button', { name: 'Revoke nightly import' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Revoke nightly import' })
  await dialog.getByLabel(/^Write/).fill('nightly')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await dialog.getByText('This is not the same.').waitFor()
  await dialog.getByLabel(/^Write/).fill('nightly import')
  await page.keyboard.press('Enter')
  await keyRow(page, 'nightly import').getByText('Revoked').waitFor()
  assert.equal(await page.getByRole('button', { name: /^Revoke/ }).count(), 0)
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
  assert.equal(await predictWith(key), 401)

  await page.getByRole('link', { name: 'Audit log' }).click()
  assert.match(await entry(page, 'API key revoked').innerText(), /nightly import\s+Revoked at/)
  assert.match(await entry(page, 'API key made').innerText(), /Scopes\s+predict/)
  await window.close()
})

test('an invitation is refused to another address, and withdrawn it is refused to all', async () => {
  const [ada, grace, mallory] = [somebody(), somebody(), somebody()]
  const owner = await Window.open(browser)
  await signUp(owner.page, ada)
  await openOrganisation(owner.page)
  const link = await invite(owner.page, grace, 'Member')

  const other = await Window.open(browser)
  other.expect('status of', '/v1/invitations:accept')
  await signUp(other.page, mallory)
  await other.page.goto(link)
  await other.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await problemNotice(other.page).getByText('for another e-mail address').waitFor()
  await owner.page
    .getByRole('button', { name: `Withdraw the invitation of ${grace.email}` })
    .click()
  await owner.page.getByText('No open invitations').waitFor()

  // The link outlasts the change of the account: it was opened once, in this tab.
  await other.page.getByRole('button', { name: 'Use another account' }).click()
  await other.page.getByRole('link', { name: 'Create an account' }).click()
  await fillSignUp(other.page, grace)
  await other.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await problemNotice(other.page).waitFor()
  await other.close()
  await owner.close()
})

test('the only owner can neither leave nor step down; whoever is removed is out at once', async () => {
  const [ada, grace] = [somebody(), somebody()]
  const first = await Window.open(browser)
  const second = await Window.open(browser)
  second.expect('status of 403', '/v1/')
  await signUp(first.page, ada)
  await openOrganisation(first.page)
  await first.page.getByText('You are the only owner.').waitFor()
  assert.equal(await memberRow(first.page, ada).getByRole('button').count(), 0)
  const link = await invite(first.page, grace, 'Member')
  await signUp(second.page, grace)
  await second.page.goto(link)
  await second.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await second.page.getByText('You have joined').waitFor()

  await first.page.reload()
  await first.page.getByRole('button', { name: `Remove ${grace.email}` }).click()
  const dialog = first.page.getByRole('alertdialog')
  await first.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await first.page.getByRole('button', { name: `Remove ${grace.email}` }).click()
  await dialog.getByLabel(/^Write/).fill(grace.email)
  await dialog.getByRole('button', { name: 'Remove' }).click()
  // While the dialog is open, roles hide the list behind it.
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await memberRow(first.page, ada).count(), 1)
  assert.equal(await memberRow(first.page, grace).count(), 0)

  // The page is still open; the first thing that it asks for tells it.
  await second.page.getByRole('link', { name: 'History' }).click()
  await second.page.waitForURL('**/organisations/')
  await second.page.getByRole('button', { name: 'Open Analytical Engines' }).waitFor()
  await first.close()
  await second.close()
})

test('a member leaves by themselves and comes back to their own organisation', async () => {
  const [ada, grace] = [somebody(), somebody()]
  const first = await Window.open(browser)
  const second = await Window.open(browser)
  await signUp(first.page, ada)
  await openOrganisation(first.page)
  const link = await invite(first.page, grace, 'Member')
  await signUp(second.page, grace)
  await second.page.goto(link)
  await second.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await second.page.getByRole('button', { name: 'Leave the organisation' }).click()
  const dialog = second.page.getByRole('alertdialog', { name: 'Leave Analytical Engines' })
  await dialog.getByLabel(/^Write/).fill('Analytical Engines')
  await dialog.getByRole('button', { name: 'Leave' }).click()
  await second.page.getByText('You have left the organisation').waitFor()
  await second.page.getByRole('button', { name: 'Open Analytical Engines' }).click()
  await second.page.getByRole('link', { name: 'Organisation' }).click()
  await memberRow(second.page, grace).waitFor()
  assert.equal(await memberRow(second.page, ada).count(), 0)
  await first.close()
  await second.close()
})

test('a sign-in elsewhere is seen and ended', async () => {
  const ada = somebody()
  const here = await Window.open(browser)
  const there = await Window.open(browser)
  there.expect('status of 401', '/v1/')
  await signUp(here.page, ada)
  await there.page.goto('/sign-in/')
  await signIn(there.page, ada)
  await there.page.waitForURL('**/models/')
  await here.page.getByRole('button', { name: /^Account / }).click()
  await here.page.getByRole('menuitem', { name: 'Account' }).click()
  const places = here.page.getByRole('list', { name: 'Sign-ins' }).getByRole('listitem')
  await here.page.getByText('This browser', { exact: true }).waitFor()
  assert.equal(await places.count(), 2)
  await here.page.getByRole('button', { name: 'Sign out of Chrome on Linux' }).click()
  await here.page
    .getByRole('button', { name: 'Sign out of Chrome on Linux' })
    .waitFor({ state: 'detached' })
  assert.equal(await places.count(), 1)
  await there.page.goto('/history/')
  await there.page.waitForURL('**/sign-in/?next=*')
  await here.close()
  await there.close()
})

test('axe finds nothing on the pages of an organisation and an account', async () => {
  const [ada, grace] = [somebody(), somebody()]
  const window = await Window.open(browser)
  window.expect('status of 409', '/v1/invitations')
  const { page } = window
  await page.goto('/invitation/')
  await page.getByText('No invitation here').waitFor()
  await assertAccessible(page, 'invitation-none')
  await signUp(page, ada)
  await openOrganisation(page)
  await page.getByText('No open invitations').waitFor()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByRole('button', { name: 'Make the invitation' }).click()
  await page.getByText('Write an e-mail address').waitFor()
  await assertAccessible(page, 'members-form')
  await page.keyboard.press('Escape')
  const link = await invite(page, grace, 'Owner')
  await page.getByText('Owner, until').waitFor()
  await assertAccessible(page, 'members-link')
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByLabel('E-mail of the person').fill(grace.email)
  await page.keyboard.press('Enter')
  await problemNotice(page).waitFor()
  await assertAccessible(page, 'members-refused')

  const second = await Window.open(browser)
  await second.page.goto(link)
  await second.page.getByText('You are invited.').waitFor()
  await assertAccessible(second.page, 'invitation-sign-in')
  await signUp(second.page, grace)
  await second.page.goto(link)
  await second.page.getByRole('button', { name: 'Accept the invitation' }).waitFor()
  await assertAccessible(second.page, 'invitation')
  await second.page.getByRole('button', { name: 'Accept the invitation' }).click()
  await second.page.getByText('You have joined').waitFor()
  await assertAccessible(second.page, 'members-joined')
  await second.page.getByLabel(`Role of ${grace.email}`).selectOption('Viewer')
  await assertAccessible(second.page, 'members-role')
  await second.page.getByRole('button', { name: 'Save' }).click()
  await second.page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
  await assertAccessible(second.page, 'members-viewer')
  await second.page.goto('/organisation/keys/')
  await second.page.getByText('For admins and owners').waitFor()
  await assertAccessible(second.page, 'keys-viewer')
  await second.close()

  await page.reload()
  await page.getByRole('button', { name: `Remove ${grace.email}` }).click()
  await page.getByRole('alertdialog').waitFor()
  await assertAccessible(page, 'members-removal')
  await page.keyboard.press('Escape')
  await page.goto('/organisation/keys/')
  await page.getByText('No keys yet').waitFor()
  await page.getByRole('button', { name: 'Make a key' }).click()
  await assertAccessible(page, 'keys-form')
  await page.keyboard.press('Escape')
  await makeKey(page, 'nightly import')
  await assertAccessible(page, 'keys-made')
  await page.goto('/organisation/log/')
  await entry(page, 'API key made').waitFor()
  await assertAccessible(page, 'log')
  await page.goto('/account/')
  await page.getByText('This browser', { exact: true }).waitFor()
  await assertAccessible(page, 'sign-ins')
  await window.close()
})
