import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch, Window } from './browser.ts'
import { modelLink, openInHistory, predict, signUp, somebody } from './person.ts'

const MARKUP =
  '<img src="/nowhere.png" onerror="document.title=1"><script>document.title=2</script>'
const LINK = '[a](javascript:document.title=3) {{7*7}} &lt;b&gt;'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

// A page on which markup had become elements would ask for the picture, and the window would tell.
test('what a model was asked is shown as the text that it is', async () => {
  const window = await Window.open(browser)
  const { page } = window
  const review = `a moving film ${MARKUP} ${LINK}`
  await signUp(page, somebody())
  await modelLink(page).click()
  await predict(page, review)
  await assertInert(page)

  // The list cuts a long text.
  await openInHistory(page, 'a moving film <img src=')
  const detail = page.getByRole('complementary', { name: 'Prediction' })
  await detail.getByText(review).first().waitFor()
  await assertInert(page)
  await window.close()
})

test('names and the cells of a file are shown as the text that they are', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await page.getByRole('link', { name: 'Datasets' }).click()
  const quoted = MARKUP.replaceAll('"', '""')
  const buffer = Buffer.from(`"${quoted}",b\n"${quoted} ${LINK}",2\n`)
  await page.locator('input[type=file]').setInputFiles({
    name: 'r.csv',
    mimeType: 'text/html',
    buffer,
  })
  await page.getByLabel('Name').fill(MARKUP)
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await page.getByRole('list', { name: 'Datasets' }).getByText(MARKUP).first().waitFor()
  await page
    .getByRole('cell', { name: `${MARKUP} ${LINK}` })
    .first()
    .waitFor()
  await assertInert(page)

  await page.goto('/organisation/keys/')
  await page.getByRole('button', { name: 'Make a key' }).first().click()
  await page.getByLabel('Name').fill(MARKUP)
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByRole('heading', { name: `${MARKUP} is made` }).waitFor()
  await assertInert(page)
  await window.close()
})

async function assertInert(page: Page): Promise<void> {
  assert.equal(
    await page.locator('img[src*="nowhere"], [onerror], a[href^="javascript"]').count(),
    0,
  )
  assert.doesNotMatch(await page.title(), /^\d$/)
}
