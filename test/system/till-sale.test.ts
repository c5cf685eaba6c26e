// Functions given to `page.evaluate` run in the browser and speak of its globals.
/// <reference lib="dom" />
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium, TABLET } from './browser.ts'
import { exactCash, paid, says, textOf, tile, until, untilSold, withTill } from './till.ts'

suite('till: selling', test => {
  test.needs(missingChromium, 'two items and exact cash are three taps', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await tile(page, 'iced-yuzu-tea').click()
      await exactCash(page).click()
      await paid(page).waitFor()
      assert.match(await textOf(paid(page)), /Paid €10\.50[\s\S]*Change €0\.00/)
      await untilSold(stall, 1)
      const [sale] = await stall.sales()
      assert.equal(
        sale?.lines.map(({ sku, quantity, unit_price }) => [sku, quantity, unit_price]),
        [
          ['char-siu-bao', 1, 650],
          ['iced-yuzu-tea', 1, 400]
        ]
      )
      assert.equal(sale?.tenders, [{ method: 'cash', amount: 1050 }])
      assert.match(sale?.id ?? '', /^[0-9a-f]{32}$/)
      // The next sale begins with the next tap: there is nothing to put away.
      await tile(page, 'mochi').click()
      assert.is(await paid(page).count(), 0)
    })
  )

  test.needs(missingChromium, 'a tap shows in the very next frame', () =>
    withTill({}, async ({ page }) => {
      const badge = await page.evaluate(async () => {
        const item = document.querySelector<HTMLElement>('[data-sku=ramen-cup]')
        const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
        item?.click()
        await frame()
        await frame()
        return item?.querySelector('i')?.textContent ?? ''
      })
      assert.match(badge, /^1/)
    })
  )

  test.needs(missingChromium, 'a note gives change, and Undo voids the sale', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await page.getByRole('button', { name: 'Cash €20.00' }).click()
      assert.match(await textOf(paid(page)), /Change €13\.50/)
      assert.match(await textOf(tile(page, 'char-siu-bao')), /23 left/)
      await page.getByRole('button', { name: 'Undo' }).click()
      assert.match(await textOf(paid(page)), /Give back €6\.50/)
      await until(async () => (await stall.sales())[0]?.is_voided === true, 'the void arrived')
      assert.is((await stall.sales()).length, 1)
    })
  )

  test.needs(missingChromium, 'cash and card split a sale, with what remains in sight', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await page.getByRole('button', { name: 'Card Other' }).click()
      for (const digit of ['5', '0', '0']) await page.keyboard.press(digit)
      await page.getByRole('button', { name: 'Cash €5.00' }).click()
      assert.match(await textOf(page.locator('.amount')), /Still €1\.50/)
      await page.getByLabel('Slip or voucher number').fill('4711')
      await page.getByRole('button', { name: 'Card €1.50' }).click()
      await paid(page).waitFor()
      await untilSold(stall, 1)
      assert.equal((await stall.sales())[0]?.tenders, [
        { method: 'cash', amount: 500 },
        { method: 'card', amount: 150, reference: '4711' }
      ])
    })
  )

  test.needs(missingChromium, 'a changed price never touches an open basket', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await stall.configure(toml => toml.replace('"6.50"', '"6.90"'))
      await stall.down()
      await stall.up()
      await until(async () => /↑/.test(await textOf(tile(page, 'char-siu-bao'))), 'the arrow')
      await tile(page, 'char-siu-bao').click()
      assert.match(await textOf(exactCash(page)), /€13\.00/)
      await exactCash(page).click()
      await untilSold(stall, 1)
      const [sale] = await stall.sales()
      assert.equal(
        sale?.lines.map(({ quantity, unit_price }) => [quantity, unit_price]),
        [[2, 650]]
      )
    })
  )

  test.needs(missingChromium, 'a sold-out item in the hand is sold, with a word about it', () =>
    withTill({}, async ({ page, stall }) => {
      assert.match(await textOf(tile(page, 'okonomiyaki')), /Sold out/)
      await tile(page, 'okonomiyaki').click()
      assert.match(await textOf(says(page)), /the count was wrong/)
      await exactCash(page).click()
      await untilSold(stall, 1)
    })
  )

  test.needs(missingChromium, 'a scanner adds its item wherever the focus is', () =>
    withTill({}, async ({ page }) => {
      await tile(page, 'takoyaki').focus()
      // From inside the page: on a busy machine the driver's own keys come as slowly as a person's.
      await page.evaluate(() => {
        for (const key of [...'2000000000015', 'Enter']) {
          document.activeElement?.dispatchEvent(
            new KeyboardEvent('keydown', { key, bubbles: true })
          )
        }
      })
      await until(async () => /€2\.00/.test(await textOf(exactCash(page))), 'the water is in')
      await page.keyboard.press('F2')
      await paid(page).waitFor()
    })
  )

  test.needs(missingChromium, 'a keyboard finds, counts and pays', () =>
    withTill({}, async ({ page }) => {
      await page.keyboard.type('5*tea', { delay: 70 })
      await page.keyboard.press('Enter')
      await until(async () => /€20\.00/.test(await textOf(exactCash(page))), 'five teas')
      await page.keyboard.press('Escape')
      await until(() => exactCash(page).isDisabled(), 'cleared')
      await page.keyboard.press('Escape')
      await until(async () => /€20\.00/.test(await textOf(exactCash(page))), 'and back again')
      await page.keyboard.press('F2')
      await paid(page).waitFor()
    })
  )

  test.needs(missingChromium, 'a basket is parked and comes back with its prices', () =>
    withTill({}, async ({ page }) => {
      await tile(page, 'char-siu-bao').click()
      await page.keyboard.press('F8')
      await page.getByLabel('Name or place').fill('red jacket')
      await page.getByRole('button', { name: 'Park basket' }).last().click()
      await page.getByLabel('Name or place').waitFor({ state: 'hidden' })
      await page.keyboard.press('F9')
      await page.getByRole('button', { name: 'Take' }).click()
      await until(async () => /€6\.50/.test(await textOf(exactCash(page))), 'it is back')
      await page.keyboard.press('Escape')
      await page.keyboard.press('F9')
      await page.getByText('No basket is parked').waitFor()
    })
  )

  test.needs(missingChromium, 'a long press and a digit are five of an item', () =>
    withTill({}, async ({ page }) => {
      await tile(page, 'char-siu-bao').click({ delay: 600 })
      await page.getByRole('button', { name: '5', exact: true }).click()
      assert.match(await textOf(exactCash(page)), /€32\.50/)
    })
  )

  test.needs(missingChromium, 'a newcomer runs the simulated printer out of paper', () =>
    withTill({ viewport: TABLET }, async ({ page }) => {
      await page.getByRole('button', { name: 'Take the paper out' }).click()
      await until(async () => /paper/i.test(await textOf(says(page))), 'the header says so')
      await tile(page, 'char-siu-bao').click()
      await exactCash(page).click()
      await until(async () => /1 receipt waiting/.test(await textOf(says(page))), 'it waits')
      await page.getByRole('button', { name: /^New roll/ }).click()
      await until(
        async () => /TOTAL EUR\s+6\.50/.test(await textOf(page.locator('.paper pre'))),
        'it comes out'
      )
    })
  )
})
