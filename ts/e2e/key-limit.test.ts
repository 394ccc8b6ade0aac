import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, Window } from './browser.ts'
import { keyRow, openOrganisation, predictWith } from './organisation.ts'
import { signUp, somebody } from './person.ts'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('a key can be slower than the service, and says so', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await openOrganisation(page)
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByLabel('Name').fill('slow import')
  const rate = page.getByLabel('Requests per minute')
  await rate.fill('many')
  await page.getByText('Write a whole number from 1 to 1,000,000.').waitFor()
  assert.equal(await rate.getAttribute('aria-invalid'), 'true')
  await rate.fill('2')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = await page.getByRole('textbox', { name: 'API key' }).inputValue()
  await page.getByRole('button', { name: 'Done' }).click()
  await keyRow(page, 'slow import').getByText('at most 2 a minute').waitFor()

  const statuses = [await predictWith(key), await predictWith(key), await predictWith(key)]
  assert.deepEqual(statuses, [200, 200, 429])
  await window.close()
})
