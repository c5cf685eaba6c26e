import type { Locator, Page } from 'playwright-core'
import { openChromium, PHONE } from './browser.ts'
import { type FakeBox, openFakeBox } from './fake-node.ts'

/** A till in Chromium with its stall; both are gone when `step` is over, however it ends. */
export async function withTill(
  options: {
    readonly viewport?: { readonly width: number; readonly height: number }
    /** Runs before the page's own scripts. */
    readonly before?: (page: Page) => Promise<unknown>
  },
  step: (till: { readonly page: Page; readonly box: FakeBox }) => Promise<void>
): Promise<void> {
  const browser = await openChromium()
  const box = await openFakeBox()
  try {
    const context = await browser.newContext({
      viewport: options.viewport ?? PHONE,
      reducedMotion: 'reduce'
    })
    const page = await context.newPage()
    page.setDefaultTimeout(5_000)
    await options.before?.(page)
    await page.goto(box.url)
    await tile(page, 'char-siu-bao').waitFor()
    await step({ page, box })
  } finally {
    await browser.close()
    await box.close()
  }
}

export const tile = (page: Page, sku: string): Locator => page.locator(`[data-sku=${sku}]`)
export const exactCash = (page: Page): Locator => page.locator('.exact')
export const paid = (page: Page): Locator => page.locator('.paid')
export const says = (page: Page): Locator => page.locator('.says')

/** Without its line breaks, as it stands in the page. */
export const textOf = async (part: Locator): Promise<string> => (await part.textContent()) ?? ''

/** Waits until the page's state fits, for what takes its own time. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 8_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
