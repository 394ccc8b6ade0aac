import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Person } from './person.ts'

type Letter = { readonly recipient: string; readonly subject: string; readonly text: string }

/** Waits for a letter that the server has kept, and returns the link in it. */
export async function linkIn(page: Page, { email }: Person, subject: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await page.request.get('/v1/outbox?limit=100')
    assert.equal(answer.status(), 200)
    const { items }: { items: readonly Letter[] } = await answer.json()
    const letter = items.find((one) => one.recipient === email && one.subject === subject)
    const link = letter?.text.match(/^https?:\S+$/m)?.[0]
    if (link !== undefined) return link
    await page.waitForTimeout(100)
  }
  throw new Error(`No letter "${subject}" has come to ${email}.`)
}
