import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessible } from '../accessibility.ts'
import { launch, Window } from '../browser.ts'
import { linkIn } from '../letters.ts'
import { fillSignUp } from '../organisation.ts'
import { modelLink, somebody } from '../person.ts'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('where addresses must be confirmed, a person waits for the letter and goes on', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  window.expect('status of 403', '/v1/')
  const { page } = window
  await page.goto('/sign-up/')
  await fillSignUp(page, person)
  await page.waitForURL('**/confirm-email/')
  await page.getByText('Open the link in it to go on.').waitFor()
  await page.getByRole('button', { name: 'Send the letter again' }).click()
  await page.getByText('Another letter is on its way.').waitFor()
  await assertAccessible(page, 'confirm-email-waiting')
  await page.goto('/history/')
  await page.waitForURL('**/confirm-email/')
  await page.goto(await linkIn(page, person, 'Confirm your e-mail address'))
  await page.getByRole('button', { name: 'Confirm the address' }).click()
  await page.getByRole('link', { name: 'Open the console' }).click()
  await modelLink(page).waitFor()
  await window.close()
})
