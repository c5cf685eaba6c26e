import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium, openChromium, PHONE } from './browser.ts'
import { stallFolder, startStall } from './stall-process.ts'
import { exactCash, loseAnswers, paid, textOf, tile, until } from './till.ts'

suite(
  'till whose answers are lost',
  test => {
    test.needs(missingChromium, 'takes cash out once and keeps the basket it took', async () => {
      const browser = await openChromium()
      const stall = await startStall(await stallFolder(''))
      const cash = async () => {
        const report = await (await fetch(`${stall.url}/api/v1/reports/x`)).json()
        return (report as { readonly cash: number }).cash
      }
      try {
        const context = await browser.newContext({ viewport: PHONE, serviceWorkers: 'block' })
        const page = await context.newPage()
        page.setDefaultTimeout(5_000)
        await page.goto(stall.url)
        await tile(page, 'bao').click()
        await exactCash(page).click()
        await paid(page).waitFor()
        await until(async () => (await cash()) === 650, 'the sale is booked')

        await page.getByRole('button', { name: 'Menu' }).click()
        await page.getByRole('button', { name: 'Day and drawer' }).click()
        await page.getByRole('button', { name: 'Cash in or out' }).click()
        for (const digit of '500')
          await page.getByRole('button', { name: digit, exact: true }).click()
        await page.getByLabel('Reason').fill('Ice')
        await loseAnswers(page, '/api/v1/cash', 1)
        const takeOut = page.getByRole('button', { name: /^Take out/ })
        await takeOut.click()
        await page.getByText('The stall box is not answering').waitFor()
        assert.is(await cash(), 150)
        await takeOut.click()
        await takeOut.waitFor({ state: 'hidden' })
        assert.is(await cash(), 150)

        await tile(page, 'bao').click()
        await page.keyboard.press('F8')
        await page.getByRole('button', { name: 'Park basket' }).last().click()
        await page.getByLabel('Name or place').waitFor({ state: 'hidden' })
        await page.keyboard.press('F9')
        await loseAnswers(page, '/take', 1)
        const take = page.getByRole('button', { name: 'Take', exact: true })
        await take.click()
        await page.getByText('The stall box is not answering').waitFor()
        await take.click()
        await until(async () => /€6\.50/.test(await textOf(exactCash(page))), 'the basket is back')
      } finally {
        await browser.close()
        stall.child.kill('SIGKILL')
        await stall.ended
      }
    })
  },
  { stepMs: 60_000 }
)
