import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium } from './browser.ts'
import { exactCash, paid, textOf, tile, until, untilSold, withTill } from './till.ts'

suite('till: a day', test => {
  test.needs(missingChromium, 'two quick taps on "Print again" are one copy, and it says so', () =>
    withTill({}, async ({ page, stall }) => {
      await tile(page, 'char-siu-bao').click()
      await exactCash(page).click()
      await untilSold(stall, 1)
      const copies: string[] = []
      page.on('request', request => {
        if (request.url().endsWith('/copy')) copies.push(request.url())
      })
      await page.getByRole('button', { name: 'Menu' }).click()
      await page.locator('dialog').getByRole('button', { name: 'Recent sales' }).click()
      const button = page.locator('.rows button').first()
      await button.dblclick()
      await until(async () => (await textOf(button)) === 'Sent to the printer', 'it answers')
      // Not a click of the test's own, which would wait until the button is ready again.
      await button.dispatchEvent('click')
      assert.is(copies.length, 1)
    })
  )

  test.needs(
    missingChromium,
    'reports begin with the takings, and the last one stays at hand',
    () =>
      withTill({}, async ({ page, stall }) => {
        for (const _ of ['kept', 'undone']) {
          await tile(page, 'char-siu-bao').click()
          await exactCash(page).click()
          await paid(page).waitFor()
        }
        await page.getByRole('button', { name: 'Undo' }).click()
        await until(async () => (await stall.sales()).some(sale => sale.is_voided), 'it is undone')
        const sheet = page.locator('dialog')
        const press = (name: string | RegExp) => sheet.getByRole('button', { name }).first().click()
        const open = async () => {
          await page.getByRole('button', { name: 'Menu' }).click()
          await press('Day and drawer')
        }
        const firstRow = () => textOf(page.locator('.report div').first())
        await open()
        await press('X report')
        assert.is(await firstRow(), 'Takings (1 sale)€6.50')
        await press('Count and close')
        for (const key of ['7', '00'])
          await sheet.getByRole('button', { name: key, exact: true }).click()
        await press(/^Counted €7\.00/)
        await page.getByText('Session closed.').waitFor()
        assert.is(await firstRow(), 'Takings (1 sale)€6.50')
        assert.match(await textOf(page.locator('.report')), /Counted€7\.00Over€0\.50/)
        await page.keyboard.press('Escape')
        await open()
        await press('Last closed')
        await page.locator('.report').waitFor()
        assert.match(await textOf(page.locator('.report')), /Counted€7\.00Over€0\.50/)
      })
  )
})
