import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Locator, Page } from 'playwright-core'

/** Somebody with an account of their own, fresh in every run. */
export type Person = { readonly email: string; readonly password: string }

export function somebody(): Person {
  return { email: `${randomUUID()}@example.com`, password: 'a long enough password' }
}

export async function signUp(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-up/')
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByLabel('Organisation').fill('Analytical Engines')
  await page.getByRole('button', { name: 'Create account' }).click()
  await modelLink(page).waitFor()
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account / }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByText('You are signed out.').waitFor()
}

export function modelLink(page: Page): Locator {
  return page.getByRole('list', { name: 'Models' }).getByRole('link', { name: 'Review sentiment' })
}

export function reviewBox(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Review text' })
}

/** A problem that the page shows; it always carries the id of the refused request. */
export function problemNotice(page: Page): Locator {
  return page.getByRole('alert').filter({ hasText: 'Request' })
}

/** Predicts from the model's page and returns the sentence of the result. */
export async function predict(page: Page, review: string): Promise<string> {
  await reviewBox(page).fill(review)
  await page.getByRole('button', { name: 'Predict' }).click()
  const sentence = page.getByText(/^(Positive|Negative), .*%$/)
  await sentence.waitFor()
  return sentence.innerText()
}

/** Opens the prediction of a review from the history and returns its id. */
export async function openInHistory(page: Page, review: string): Promise<string> {
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('list', { name: 'Predictions' }).getByRole('link', { name: review }).click()
  await page.getByRole('complementary', { name: 'Prediction' }).getByText('Took').waitFor()
  const id = new URL(page.url()).searchParams.get('id')
  assert.ok(id)
  return id
}
