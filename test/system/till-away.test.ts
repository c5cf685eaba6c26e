import { readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium } from './browser.ts'
import {
  exactCash,
  loseAnswers,
  paid,
  says,
  textOf,
  tile,
  until,
  untilSold,
  withTill
} from './till.ts'

const DIST = new URL('../../', import.meta.url)

suite('till: while the box is away', test => {
  test.needs(missingChromium, 'sales go on, and each arrives exactly once when it is back', () =>
    withTill({}, async ({ page, stall }) => {
      await stall.down()
      for (const sku of ['char-siu-bao', 'mochi', 'tote-bag']) {
        await tile(page, sku).click()
        await exactCash(page).click()
        await paid(page).waitFor()
      }
      await until(async () => /3 sales safe here/.test(await textOf(says(page))), 'says so')
      assert.match(await textOf(says(page)), /^Box restarting/)
      await page.getByRole('button', { name: 'Menu' }).click()
      assert.is(await page.locator('.health .good').count(), 0)
      assert.match(await textOf(page.locator('.health .old').first()), /\(as of \d\d:\d\d\)/)
      await page.getByText('3 sales safe on this tablet, not sent yet').waitFor()
      await page.keyboard.press('Escape')
      // The first answers are lost on the way, after booking: the same sales come again.
      const sent: string[] = []
      page.on('request', request => {
        if (request.method() === 'POST') sent.push(request.headers()['idempotency-key'] ?? '')
      })
      await loseAnswers(page, '/api/v1/sales', 2)
      await stall.up()
      await untilSold(stall, 3)
      await until(async () => /Mei's Bao/.test(await textOf(says(page))), 'all is well')
      const ids = (await stall.sales()).map(sale => sale.id)
      assert.is(ids.length, 3)
      assert.equal(new Set(sent), new Set(ids))
      assert.ok(sent.length > 3)
    })
  )

  test.needs(missingChromium, 'a basket and an unsent sale outlive a reload, with their ids', () =>
    withTill({}, async ({ page, stall }) => {
      await page.route('**/api/v1/sales', route => route.abort())
      await tile(page, 'char-siu-bao').click()
      await exactCash(page).click()
      await paid(page).waitFor()
      await tile(page, 'mochi').click()
      const basketId = () =>
        page.evaluate(() => JSON.parse(localStorage.getItem('till.basket') ?? '{}').id)
      const before = await basketId()
      await page.reload()
      await tile(page, 'mochi').waitFor()
      assert.match(await textOf(exactCash(page)), /€4\.80/)
      assert.is(await basketId(), before)
      await page.unroute('**/api/v1/sales')
      await untilSold(stall, 1)
      await exactCash(page).click()
      await untilSold(stall, 2)
      assert.is((await stall.sales())[1]?.id, before)
    })
  )

  test.needs(missingChromium, 'two tabs of one tablet make one sale of one basket', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      const other = await page.context().newPage()
      await other.goto(stall.url)
      await until(async () => /€6\.50/.test(await textOf(exactCash(other))), 'the same basket')
      await exactCash(page).click()
      await untilSold(stall, 1)
      await until(() => exactCash(other).isDisabled(), 'the other tab has let go')
    })
  )

  test.needs(missingChromium, 'a refused sale stays until the keeper has dealt with it', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await page.evaluate(() => {
        const basket = localStorage.getItem('till.basket') ?? ''
        localStorage.setItem('till.basket', basket.replace('650', '640'))
      })
      await page.reload()
      await exactCash(page).click()
      await until(async () => /1 sale needs you/.test(await textOf(says(page))), 'it is shown')
      await page.reload()
      await until(async () => /1 sale needs you/.test(await textOf(says(page))), 'it is kept')
      await says(page).getByRole('button').click()
      assert.match(await textOf(page.locator('.refused')), /6\.40/)
      await stall.configure(toml => toml.replace('"6.50"', '"6.40"'))
      await stall.down()
      await stall.up()
      await page.getByRole('button', { name: 'Try again' }).click()
      await untilSold(stall, 1)
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
      async ({ page, stall }) => {
        await tile(page, 'char-siu-bao').click()
        assert.match(await textOf(says(page)), /cannot save\. Use another one/)
        assert.ok(await exactCash(page).isDisabled())
        await page.keyboard.press('F2')
        assert.is(await paid(page).count(), 0)
        assert.equal(await stall.sales(), [])
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
