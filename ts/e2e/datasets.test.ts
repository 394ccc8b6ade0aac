import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible } from './accessibility.ts'
import { launch, Window } from './browser.ts'
import { problemNotice, signUp, somebody } from './person.ts'

const CSV = 'text,stars\ngood,5\nbad,1\n'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('a file is uploaded, previewed, downloaded and deleted, on pages that axe finds clean', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await openDatasets(page)
  await page.getByText('No datasets yet').waitFor()
  await assertAccessible(page, 'datasets-empty')

  await choose(page, 'reviews.csv', CSV)
  assert.equal(await page.getByLabel('Name').inputValue(), 'reviews')
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await page.getByText('Uploaded reviews, version 1: text (text), stars (integer).').waitFor()
  const read = page.getByRole('region', { name: 'What was read of reviews, version 1' })
  assert.equal(await read.getByRole('row').count(), 3)

  await choose(page, 'reviews.jsonl', '{"text":"fine"}\n')
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await page.getByText('Uploaded reviews, version 2').waitFor()
  const rows = page.getByRole('list', { name: 'Datasets' }).getByRole('listitem')
  await rows.nth(1).waitFor()
  assert.match(await rows.nth(1).innerText(), /reviews, version 1\s+2 rows, 2 columns, 24\sB, /)

  await page.getByRole('button', { name: 'Preview reviews, version 1' }).click()
  const preview = page.getByRole('region', { name: 'First rows of reviews, version 1' })
  await preview.getByRole('cell', { name: 'good' }).waitFor()
  await assertAccessible(page, 'datasets')

  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download reviews, version 1' }).click()
  const download = await coming
  assert.equal(download.suggestedFilename(), 'reviews v1.csv')
  assert.equal(await readFile(await download.path(), 'utf8'), CSV)

  await page.getByRole('button', { name: 'Delete reviews, version 1' }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('textbox').fill('something else')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('This is not the same.').waitFor()
  await dialog.getByRole('textbox').fill('reviews')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await rows.nth(1).waitFor({ state: 'detached' })
  assert.match(await rows.first().innerText(), /reviews, version 2/)
  await window.close()
})

test('what is no dataset is refused at the file, with its line', async () => {
  const window = await Window.open(browser)
  window.expect('status of 422', '/v1/datasets')
  const { page } = window
  await openDatasets(page)
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await page.getByText('Choose a file.').waitFor()
  await page.getByText('Write a name.').waitFor()

  await choose(page, 'broken.csv', 'a,b\n1,2\n1\n')
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await page.getByText('Line 3: The header has 2 columns, and the values here are 1.').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'file')
  await page.getByText('No datasets yet').waitFor()
  await window.close()
})

test('a file can be dropped, and the keyboard alone sends it', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await openDatasets(page)
  const transfer = await page.evaluateHandle((content) => {
    const data = new DataTransfer()
    data.items.add(new File([content], 'dropped.csv'))
    return data
  }, CSV)
  await page.getByLabel('File').dispatchEvent('drop', { dataTransfer: transfer })
  await page.getByText(/^dropped\.csv, 24\sB$/).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('Uploaded dropped, version 1').waitFor()
  await window.close()
})

test('a list that cannot be had says so and can be asked for again', async () => {
  const window = await Window.open(browser)
  window.expect('status of 404', '/v1/datasets')
  const { page } = window
  await signUp(page, somebody())
  // Another address stands in for the list, so that the real server answers a real problem.
  await page.route('**/v1/datasets', (route) =>
    route.continue({ url: `${new URL(page.url()).origin}/v1/datasets/none/none` }),
  )
  await page.getByRole('link', { name: 'Datasets' }).click()
  await problemNotice(page).waitFor()
  await window.close()
})

async function openDatasets(page: Page): Promise<void> {
  await signUp(page, somebody())
  await page.getByRole('link', { name: 'Datasets' }).click()
  await page.getByRole('heading', { name: 'Datasets', exact: true }).waitFor()
}

async function choose(page: Page, name: string, content: string): Promise<void> {
  const buffer = Buffer.from(content)
  await page.getByLabel('File').setInputFiles({ name, mimeType: 'text/plain', buffer })
}
