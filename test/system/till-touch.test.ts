import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium, PHONE, TABLET } from './browser.ts'
import { exactCash, tile, withOrderedTill } from './till.ts'

const SIZES = [{ width: 320, height: 640 }, PHONE, { width: 768, height: 1024 }, TABLET]
const SKUS = ['char-siu-bao', 'iced-yuzu-tea', 'okonomiyaki'] as const
/** Longer than the till's own long press and the browser's. */
const HOLD_MS = 700

suite('till: fingers', test => {
  for (const viewport of SIZES) {
    test.needs(missingChromium, `a finger that stays opens a sheet, at ${viewport.width} px`, () =>
      withOrderedTill({ viewport, hasTouch: true }, async ({ page }) => {
        for (const sku of SKUS) {
          await hold(page, sku)
          assert.is(await page.locator('dialog[open]').count(), 1, `${sku}: the sheet stays`)
          assert.ok(await exactCash(page).isDisabled(), `${sku}: nothing is sold`)
          // The next tap is a tap again.
          await page.getByRole('button', { name: 'Close' }).tap()
          await page.locator('dialog').waitFor({ state: 'detached' })
        }
        await tile(page, 'char-siu-bao').tap()
        assert.not(await exactCash(page).isDisabled())
      })
    )
  }
})

/** Playwright has no held touch, so this speaks to Chromium itself. */
async function hold(page: Page, sku: string): Promise<void> {
  const { x, y } = await placeOf(page, sku)
  const chromium = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
    chromium.send('Input.dispatchTouchEvent', { type, touchPoints })
  await touch('touchStart', [{ x, y }])
  await page.locator('dialog[open]').waitFor()
  await page.evaluate(ms => new Promise(resolve => setTimeout(resolve, ms)), HOLD_MS)
  await touch('touchEnd', [])
  // Events come in order: when this one is answered, the release's click has been.
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 50)))
  await chromium.detach()
}

async function placeOf(page: Page, sku: string): Promise<{ x: number; y: number }> {
  await tile(page, sku).scrollIntoViewIfNeeded()
  const box = await tile(page, sku).boundingBox()
  if (!box) throw new Error(`${sku} is not shown`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
