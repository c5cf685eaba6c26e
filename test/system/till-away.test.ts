import { readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium } from './browser.ts'
import { exactCash, paid, says, textOf, tile, until, withTill } from './till.ts'

const DIST = new URL('../../', import.meta.url)

suite('till: while the box is away', test => {
  test.needs(missingChromium, 'sales go on, and each arrives exactly once when it is back', () =>
    withTill({}, async ({ page, box }) => {
      await box.down()
      for (const sku of ['char-siu-bao', 'egg-tart', 'tote']) {
        await tile(page, sku).click()
        await exactCash(page).click()
        await paid(page).waitFor()
      }
      await until(
        async () => /3 sales safe on this tablet/.test(await textOf(says(page))),
        'says so'
      )
      assert.match(await textOf(says(page)), /Stall box is restarting\. Keep selling/)
      // The first answers are lost on the way, after booking: the same sales come again.
      box.loseAnswers(2)
      await box.up()
      await until(() => box.booked().size === 3, 'all three are booked')
      await until(async () => /Mei's Bao/.test(await textOf(says(page))), 'all is well')
      assert.is(new Set(box.arrived().map(sale => sale.id)).size, 3)
      assert.ok(box.arrived().length > 3)
      assert.ok(box.arrived().every(sale => sale.age_ms >= 0 && sale.age_ms < 60_000))
    })
  )

  test.needs(missingChromium, 'a basket and an unsent sale outlive a reload, with their ids', () =>
    withTill({}, async ({ page, box }) => {
      await page.route('**/api/v1/sales', route => route.abort())
      await tile(page, 'char-siu-bao').click()
      await exactCash(page).click()
      await paid(page).waitFor()
      await tile(page, 'egg-tart').click()
      const basketId = () =>
        page.evaluate(() => JSON.parse(localStorage.getItem('till.basket') ?? '{}').id)
      const before = await basketId()
      await page.reload()
      await tile(page, 'egg-tart').waitFor()
      assert.match(await textOf(exactCash(page)), /€3\.20/)
      assert.is(await basketId(), before)
      await page.unroute('**/api/v1/sales')
      await until(() => box.booked().size === 1, 'the unsent sale arrives')
      await exactCash(page).click()
      await until(() => box.booked().size === 2, 'and the basket’s')
      assert.is(box.arrived().length, 2)
      assert.is([...box.booked().keys()][1], before)
    })
  )

  test.needs(missingChromium, 'two tabs of one tablet make one sale of one basket', () =>
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      const other = await page.context().newPage()
      await other.goto(box.url)
      await until(async () => /€6\.50/.test(await textOf(exactCash(other))), 'the same basket')
      await exactCash(page).click()
      await until(() => box.booked().size === 1, 'booked')
      await until(() => exactCash(other).isDisabled(), 'the other tab has let go')
    })
  )

  test.needs(missingChromium, 'a refused sale stays until the keeper has dealt with it', () =>
    withTill({}, async ({ page, box }) => {
      box.refuse({
        type: 'urn:stallmesh:problem:price-not-shown',
        detail: 'Char siu bao never cost 6.50 EUR.',
        do: 'Put the item into the basket again.',
        retryable: false
      })
      await tile(page, 'char-siu-bao').click()
      await exactCash(page).click()
      await until(async () => /1 sale needs you/.test(await textOf(says(page))), 'it is shown')
      await page.reload()
      await until(async () => /1 sale needs you/.test(await textOf(says(page))), 'it is kept')
      await says(page).getByRole('button').click()
      assert.match(await textOf(page.locator('.refused')), /never cost 6\.50 EUR/)
      box.refuse(null)
      await page.getByRole('button', { name: 'Try again' }).click()
      await until(() => box.booked().size === 1, 'it is booked')
    })
  )

  test.needs(missingChromium, 'a tablet that cannot save takes no money', () =>
    withTill(
      {
        before: page =>
          page.addInitScript(() => {
            IDBFactory.prototype.open = () => {
              throw new DOMException('No', 'SecurityError')
            }
          })
      },
      async ({ page, box }) => {
        await tile(page, 'char-siu-bao').click()
        assert.match(await textOf(says(page)), /cannot save\. Use another one/)
        assert.ok(await exactCash(page).isDisabled())
        await page.keyboard.press('F2')
        assert.is(await paid(page).count(), 0)
        assert.is(box.arrived().length, 0)
      }
    )
  )

  test.needs(missingChromium, 'IndexedDB keeps parcels as the store in memory does', () =>
    withTill({}, async ({ page }) => {
      await page.route('**/dist/**', async route => {
        const { pathname } = new URL(route.request().url())
        const body = await readFile(new URL(pathname.replace('/dist/', ''), DIST))
        await route.fulfill({ body, contentType: 'text/javascript' })
      })
      const faults = await page.evaluate(`(async () => {
        const { openTabletStore } = await import('/dist/node/pages/till/tablet.js')
        const { tryParcelStore } = await import('/dist/test/pages/parcel-store.js')
        return tryParcelStore(openTabletStore(indexedDB, 'contract'))
      })()`)
      assert.equal(faults, [])
    })
  )
})
