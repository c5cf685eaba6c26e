import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium } from './browser.ts'
import { exactCash, paid, says, textOf, tile, until, withTill } from './till.ts'

suite('till: selling', test => {
  test.needs(missingChromium, 'two items and exact cash are three taps', () =>
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      await tile(page, 'iced-yuzu-tea').click()
      await exactCash(page).click()
      await paid(page).waitFor()
      assert.match(await textOf(paid(page)), /Paid €10\.50[\s\S]*Change €0\.00/)
      await until(() => box.booked().size === 1, 'the sale is booked')
      const [sale] = [...box.booked().values()]
      assert.equal(sale?.lines, [
        { sku: 'char-siu-bao', quantity: 1, unit_price: 650 },
        { sku: 'iced-yuzu-tea', quantity: 1, unit_price: 400 }
      ])
      assert.equal(sale?.tenders, [{ method: 'cash', amount: 1050 }])
      assert.match(sale?.id ?? '', /^[0-9a-f]{32}$/)
      // The next sale begins with the next tap: there is nothing to put away.
      await tile(page, 'egg-tart').click()
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
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      await page.getByRole('button', { name: 'Cash €20.00' }).click()
      assert.match(await textOf(paid(page)), /Change €13\.50/)
      assert.match(await textOf(tile(page, 'char-siu-bao')), /23 left/)
      await page.getByRole('button', { name: 'Undo' }).click()
      assert.match(await textOf(paid(page)), /Give back €6\.50/)
      await until(() => box.voided().size === 1, 'the void arrived')
      assert.equal([...box.voided()], [...box.booked().keys()])
    })
  )

  test.needs(missingChromium, 'cash and card split a sale, with what remains in sight', () =>
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      await page.getByRole('button', { name: 'Card Other' }).click()
      for (const digit of ['5', '0', '0']) await page.keyboard.press(digit)
      await page.getByRole('button', { name: 'Cash €5.00' }).click()
      assert.match(await textOf(page.locator('.amount')), /Still €1\.50/)
      await page.getByLabel('Slip or voucher number').fill('4711')
      await page.getByRole('button', { name: 'Card €1.50' }).click()
      await paid(page).waitFor()
      await until(() => box.booked().size === 1, 'the sale is booked')
      assert.equal([...box.booked().values()][0]?.tenders, [
        { method: 'cash', amount: 500 },
        { method: 'card', amount: 150, reference: '4711' }
      ])
    })
  )

  test.needs(missingChromium, 'a changed price never touches an open basket', () =>
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      const [bao] = box.view().items
      if (!bao) throw new Error('There is no bao')
      box.patch({ items: [{ ...bao, price: (bao.price + 40) as typeof bao.price }] })
      await until(async () => /↑/.test(await textOf(tile(page, 'char-siu-bao'))), 'the arrow')
      await tile(page, 'char-siu-bao').click()
      assert.match(await textOf(exactCash(page)), /€13\.00/)
    })
  )

  test.needs(missingChromium, 'a sold-out item in the hand is sold, with a word about it', () =>
    withTill({}, async ({ page, box }) => {
      assert.match(await textOf(tile(page, 'okonomiyaki')), /Sold out/)
      await tile(page, 'okonomiyaki').click()
      assert.match(await textOf(says(page)), /the count was wrong/)
      await exactCash(page).click()
      await until(() => box.booked().size === 1, 'the sale is booked')
    })
  )

  test.needs(missingChromium, 'a scanner adds its item wherever the focus is', () =>
    withTill({}, async ({ page, box }) => {
      const tea = box.view().items.find(item => item.sku === 'iced-yuzu-tea')
      await tile(page, 'alley-tee').focus()
      await page.keyboard.type(tea?.barcode ?? '', { delay: 2 })
      await page.keyboard.press('Enter')
      await until(async () => /€4\.00/.test(await textOf(exactCash(page))), 'the tea is in')
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
    withTill({}, async ({ page, box }) => {
      await tile(page, 'char-siu-bao').click()
      await page.keyboard.press('F8')
      await page.getByLabel('Name or place').fill('red jacket')
      await page.getByRole('button', { name: 'Park basket' }).last().click()
      await until(() => box.view().parked.length === 1, 'the basket is parked')
      await page.getByLabel('Name or place').waitFor({ state: 'hidden' })
      await page.keyboard.press('F9')
      await page.getByRole('button', { name: 'Take' }).click()
      await until(async () => /€6\.50/.test(await textOf(exactCash(page))), 'it is back')
      assert.is(box.view().parked.length, 0)
    })
  )

  test.needs(missingChromium, 'a long press and a digit are five of an item', () =>
    withTill({}, async ({ page }) => {
      await tile(page, 'char-siu-bao').click({ delay: 600 })
      await page.getByRole('button', { name: '5', exact: true }).click()
      assert.match(await textOf(exactCash(page)), /€32\.50/)
    })
  )
})
