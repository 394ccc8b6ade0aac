import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible } from './accessibility.ts'
import { launch, serverAddress, Window } from './browser.ts'
import {
  modelLink,
  openInHistory,
  type Person,
  predict,
  problemNotice,
  reviewBox,
  signOut,
  signUp,
  somebody,
} from './person.ts'

const PRAISE = 'a moving, funny, beautifully acted film'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('the next account in the same browser is not shown what the browser has kept', async () => {
  const window = await Window.open(browser)
  window.expect('status of 404', '/v1/predictions/')
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  await predict(page, PRAISE)
  const id = await openInHistory(page, PRAISE)
  const kept = await page.request.get(`/v1/predictions/${id}`)
  assert.match(kept.headers()['cache-control'] ?? '', /^private, max-age=/)
  await signOut(page)
  await signUp(page, somebody())
  await page.goto(`/history/?id=${id}`)
  await problemNotice(page).waitFor()
  assert.equal(await page.getByText(PRAISE).count(), 0)
  await window.close()
})

test('a tab shows at once whom another tab has signed in, and what it sends is theirs', async () => {
  const [first, second] = [somebody(), somebody()]
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, first)
  await modelLink(page).click()
  await predict(page, PRAISE)
  const other = await window.openTab()
  await other.goto('/models/')
  await signOut(other)
  await page.waitForURL('**/sign-in/?next=*')
  assert.equal(await page.getByText(PRAISE).count(), 0)

  await signUp(other, second)
  await accountNotice(page, second).waitFor()
  await accountButton(page, second).waitFor()
  assert.equal(await page.getByText(first.email).count(), 0)
  assert.equal(await reviewBox(page).inputValue(), '')
  assert.equal(await page.getByRole('list', { name: 'Probabilities' }).count(), 0)
  await assertAccessible(page, 'account-changed')
  await page.getByRole('button', { name: 'Close' }).click()
  assert.equal(await accountNotice(page, second).count(), 0)
  await predict(page, PRAISE)
  assert.equal(await predictionsOf(page), 1)
  await window.close()
})

test('a prediction never leaves in the name of another than the page shows', async () => {
  const second = somebody()
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  await reviewBox(page).fill(PRAISE)
  await changeAccountUnseen(page, second)
  await page.getByRole('button', { name: 'Predict' }).click()
  await accountNotice(page, second).waitFor()
  assert.equal(await reviewBox(page).inputValue(), '')
  assert.equal(await predictionsOf(page), 0)
  await window.close()
})

test('whoever turns to a window again sees who is signed in now', async () => {
  const second = somebody()
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await changeAccountUnseen(page, second)
  // A browser without a screen keeps every page focused, so the event is all that can be had.
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await accountNotice(page, second).waitFor()
  await window.close()
})

test('whoever has changed the account here is not told so', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  const other = await window.openTab()
  await other.goto('/models/')
  await signOut(other)
  const second = somebody()
  await signUp(other, second)
  await accountButton(other, second).waitFor()
  assert.equal(await accountNotice(other, second).count(), 0)
  await window.close()
})

test('without JavaScript the page says what it needs', async () => {
  const context = await browser.newContext({
    baseURL: serverAddress(),
    javaScriptEnabled: false,
  })
  const page = await context.newPage()
  for (const path of ['/', '/sign-in/', '/models/', '/history/']) {
    await page.goto(path)
    assert.match(await page.locator('body').innerText(), /The console needs JavaScript\./)
  }
  await context.close()
})

/** Signs up past the console, so that no page is told of it. */
async function changeAccountUnseen(page: Page, person: Person): Promise<void> {
  const answer = await page.request.post('/v1/accounts', { data: person })
  assert.equal(answer.status(), 201)
}

async function predictionsOf(page: Page): Promise<number> {
  const answer = await page.request.get('/v1/predictions')
  assert.equal(answer.status(), 200)
  const { items } = await answer.json()
  return items.length
}

function accountButton(page: Page, { email }: Person) {
  return page.getByRole('button', { name: `Account ${email}` })
}

function accountNotice(page: Page, { email }: Person) {
  return page.getByRole('status').filter({ hasText: `You are now signed in as ${email}.` })
}
