import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, ViewportSize } from 'playwright-core'

export const WIDE = { width: 1280, height: 800 } as const
export const NARROW = { width: 360, height: 740 } as const

// The two themes differ in colours only, and the widths in all else.
const COLOURS = ['color-contrast', 'link-in-text-block']
const FIRST_SIZE = [
  { scheme: 'light', narrowed: (axe: AxeBuilder) => axe },
  { scheme: 'dark', narrowed: (axe: AxeBuilder) => axe.withRules(COLOURS) },
] as const
const OTHER_SIZES = [
  { scheme: 'light', narrowed: (axe: AxeBuilder) => axe.disableRules(COLOURS) },
] as const

/** Looks at the page at both widths, and in both themes; axe must find nothing and nothing may stick out. */
export async function assertAccessible(
  page: Page,
  name: string,
  sizes: readonly ViewportSize[] = [WIDE, NARROW],
): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size)
    for (const { scheme, narrowed } of size === sizes[0] ? FIRST_SIZE : OTHER_SIZES) {
      const shown = `${name}-${scheme}-${size.width}`
      await page.emulateMedia({ colorScheme: scheme })
      await keepScreenshot(page, shown)
      await assertClean(page, shown, narrowed)
    }
  }
  await page.setViewportSize(WIDE)
}

async function assertClean(
  page: Page,
  name: string,
  narrowed: (axe: AxeBuilder) => AxeBuilder,
): Promise<void> {
  const { violations } = await narrowed(new AxeBuilder({ page })).analyze()
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
  )
  assert.deepEqual(found, [], name)
  const overhang = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
  assert.equal(overhang, 0, `${name} is wider than its window`)
}

async function keepScreenshot(page: Page, name: string): Promise<void> {
  const directory = process.env.LOCKSTITCH_E2E_SCREENSHOTS
  if (!directory) return
  await mkdir(directory, { recursive: true })
  await page.screenshot({ path: join(directory, `${name}.png`) })
}
