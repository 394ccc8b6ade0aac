import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible, NARROW, WIDE } from './accessibility.ts'
import { launch, Window } from './browser.ts'
import {
  modelLink,
  predict,
  problemNotice,
  reviewBox,
  signIn,
  signOut,
  signUp,
  somebody,
} from './person.ts'

const PRAISE = 'a moving, funny, beautifully acted film'
const PREDICTIONS = '**/v1/models/sentiment/predictions'

let browser: Browser

before(async () => {
  browser = await launch()
})

after(() => browser?.close())

test('a prediction stays in the history of its organisation, and nobody else finds it', async () => {
  const ada = somebody()
  const first = await Window.open(browser)
  await signUp(first.page, ada)
  await modelLink(first.page).click()
  const sentence = await predict(first.page, PRAISE)
  assert.match(sentence, /^Positive, >?\s?\d+\s%$/)
  const bars = await first.page.getByRole('list', { name: 'Probabilities' }).innerText()
  assert.match(bars, /^Positive\s+[>\d.\s]+%\s+Negative\s+[<\d.\s]+%$/)

  const id = await openInHistory(first.page, PRAISE)
  await first.page.getByRole('button', { name: 'Close' }).click()
  assert.equal(new URL(first.page.url()).search, '')
  await signOut(first.page)
  await first.close()

  const second = await Window.open(browser)
  second.expect('status of 404', `/v1/predictions/${id}`)
  await signUp(second.page, somebody())
  await second.page.getByRole('link', { name: 'History' }).click()
  await second.page.getByText('No predictions yet').waitFor()
  await second.page.goto(`/history/?id=${id}`)
  await problemNotice(second.page).waitFor()
  assert.equal(await second.page.getByText(PRAISE).count(), 0)
  const answer = await second.page.request.get(`/v1/predictions/${id}`)
  assert.equal(answer.status(), 404)
  await second.close()
})

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

test('an empty or blank text is refused at its field, and what follows is predicted', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  await page.getByRole('button', { name: 'Predict' }).click()
  await page.getByText('Write something here.').waitFor()
  assert.equal(await focusedName(page), '/text')

  await reviewBox(page).fill('   ')
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0)
  await page.getByRole('button', { name: 'Predict' }).click()
  await page.getByText('Write something here.').waitFor()

  assert.match(await predict(page, 'a dull, lifeless mess'), /^Negative, /)
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0)
  await window.close()
})

test('what only the server refuses stands at its field as well', async () => {
  const window = await Window.open(browser)
  window.expect('status of 422', '/v1/models/sentiment/predictions')
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  // The form would not let such a body through; another client's body takes its place on the way.
  await page.route(PREDICTIONS, (route) => route.continue({ postData: '{"text": ""}' }))
  await reviewBox(page).fill(PRAISE)
  await page.getByRole('button', { name: 'Predict' }).click()
  await page.locator('textarea[aria-invalid="true"]').waitFor()
  const described = await reviewBox(page).getAttribute('aria-describedby')
  const error = page.locator(`[id="${described?.split(' ')[0]}"]`)
  assert.match(await error.innerText(), /at least 1 character/)
  await window.close()
})

test('an example and the optional fields are sent in their own types', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  await reviewBox(page).fill(PRAISE)
  await page.getByRole('button', { name: /More fields/ }).click()
  await page.getByLabel('Review ID').fill('01936f3e-5c1a-7b8e-9d2f-3a4b5c6d7e8f')
  await page.getByLabel('Written at').fill('2026-11-22T09:30')
  await page.getByLabel('Source').selectOption('Critic')
  await page.getByLabel('Stars').fill('4.5')
  assert.match(await predict(page, PRAISE), /^Positive, /)
  const id = await openInHistory(page, PRAISE)
  const stored: unknown = await (await page.request.get(`/v1/predictions/${id}`)).json()
  assert.match(JSON.stringify(stored), /"source":"critic"/)
  assert.match(JSON.stringify(stored), /"stars":4.5/)
  assert.match(JSON.stringify(stored), /"written_at":"2026-11-22T\d\d:\d\d:\d\d[^"]*Z"/)
  await window.close()
})

test('the keyboard alone signs in and predicts', async () => {
  const person = somebody()
  const before = await Window.open(browser)
  await signUp(before.page, person)
  await before.close()

  const window = await Window.open(browser)
  const { page } = window
  await page.goto('/sign-in/')
  await tabTo(page, () => focusedName(page), 'email')
  await page.keyboard.type(person.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
  await modelLink(page).waitFor()
  await tabTo(page, () => focusedText(page), 'Review sentiment')
  await page.keyboard.press('Enter')
  await reviewBox(page).waitFor()
  await tabTo(page, () => focusedName(page), '/text')
  await page.keyboard.type(PRAISE)
  await page.keyboard.press('Control+Enter')
  await page.getByText(/^Positive, .*%$/).waitFor()
  await window.close()
})

test('a session that ended leads to the sign-in and back', async () => {
  const person = somebody()
  const window = await Window.open(browser)
  window.expect('status of 401', '/v1/predictions')
  const { page } = window
  await signUp(page, person)
  await window.forgetSession()
  await page.getByRole('link', { name: 'History' }).click()
  await page.waitForURL('**/sign-in/?next=*')
  await signIn(page, person)
  await page.waitForURL('**/history/')
  await page.getByText('No predictions yet').waitFor()
  await window.close()
})

test('wrong credentials are told without saying which of the two is wrong', async () => {
  const window = await Window.open(browser)
  window.expect('status of 401', '/v1/sessions')
  const { page } = window
  await page.goto('/sign-in/')
  await signIn(page, somebody())
  const words = await problemNotice(page).innerText()
  assert.match(words, /e-mail address or the password/i)
  await window.close()
})

test('without a network the page stays readable, says so, and goes on when it is back', async () => {
  const window = await Window.open(browser)
  window.expect('ERR_INTERNET_DISCONNECTED', '/v1/')
  const { page } = window
  await signUp(page, somebody())
  await modelLink(page).click()
  await reviewBox(page).fill(PRAISE)
  await window.setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await page.getByRole('button', { name: 'Predict' }).click()
  await page.getByText('The server cannot be reached.').waitFor()
  await window.setOffline(false)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText(/^Positive, .*%$/).waitFor()
  assert.equal(await page.getByText('You are offline.').count(), 0)
  await window.close()
})

test('the history shows twenty predictions and loads the rest when asked', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  for (let number = 1; number <= 21; number += 1) {
    const data = { text: `review number ${number}` }
    const answer = await page.request.post('/v1/models/sentiment/predictions', { data })
    assert.equal(answer.status(), 200)
  }
  await page.getByRole('link', { name: 'History' }).click()
  const rows = page.getByRole('list', { name: 'Predictions' }).getByRole('listitem')
  await rows.first().waitFor()
  assert.equal(await rows.count(), 20)
  assert.match(await rows.first().innerText(), /review number 21/)
  await page.getByRole('button', { name: 'Load more' }).click()
  await page.getByRole('link', { name: 'review number 1', exact: true }).waitFor()
  assert.equal(await rows.count(), 21)
  assert.equal(await page.getByRole('button', { name: 'Load more' }).count(), 0)
  await window.close()
})

test('a chosen theme is there from the first paint on and stays after a reload', async () => {
  const window = await Window.open(browser)
  const { page } = window
  await signUp(page, somebody())
  await page.getByRole('button', { name: /^Account / }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  const scheme = await page.evaluate(() => getComputedStyle(document.body).colorScheme)
  assert.equal(scheme, 'dark')
  await page.reload({ waitUntil: 'commit' })
  await page.waitForFunction(() => document.body !== null)
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  await modelLink(page).waitFor()
  await window.close()
})

test('axe finds nothing on any page, in light and dark, wide and narrow', async () => {
  const window = await Window.open(browser)
  window.expect('status of 404', '/v1/predictions/')
  const { page } = window
  await page.goto('/sign-in/')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Write your password.').waitFor()
  await assertAccessible(page, 'sign-in')
  await page.goto('/sign-up/')
  await page.getByLabel('Organisation').waitFor()
  await assertAccessible(page, 'sign-up')

  await signUp(page, somebody())
  await assertAccessible(page, 'models')
  await page.goto('/history/')
  await page.getByText('No predictions yet').waitFor()
  await assertAccessible(page, 'history-empty')
  await page.goto('/models/?name=sentiment')
  await page.getByRole('button', { name: /More fields/ }).click()
  await predict(page, PRAISE)
  await assertAccessible(page, 'model')
  await openInHistory(page, PRAISE)
  await assertAccessible(page, 'history')
  await page.goto('/history/?id=00000000-0000-7000-8000-000000000000')
  await problemNotice(page).waitFor()
  await assertAccessible(page, 'history-missing')
  await page.goto('/models/')
  await page.getByRole('button', { name: /^Account / }).click()
  await page.getByRole('menu').waitFor()
  await assertAccessible(page, 'account', [WIDE])
  await page.keyboard.press('Escape')
  await page.setViewportSize(NARROW)
  await page.getByRole('button', { name: 'Open navigation' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Account / })
    .click()
  await page.getByRole('menu').waitFor()
  await assertAccessible(page, 'navigation', [NARROW])
  await window.close()
})

/** Opens the prediction of a review from the history and returns its id. */
async function openInHistory(page: Page, review: string): Promise<string> {
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('list', { name: 'Predictions' }).getByRole('link', { name: review }).click()
  await page.getByRole('complementary', { name: 'Prediction' }).getByText('Took').waitFor()
  const id = new URL(page.url()).searchParams.get('id')
  assert.ok(id)
  return id
}

async function tabTo(page: Page, focused: () => Promise<string>, wanted: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await focused()) === wanted) return
  }
  assert.fail(`20 presses of Tab do not reach ${wanted}.`)
}

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute('name') ?? '')
}

function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '')
}
