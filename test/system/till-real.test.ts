import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium, openChromium, PHONE } from './browser.ts'
import { type StallProcess, stallFolder, startStall } from './stall-process.ts'
import { exactCash, paid, says, textOf, tile, until } from './till.ts'

const SALES = 10
/** The stall dies under these sales, and is started again after those. */
const DIES = [3, 6]
const RETURNS = [4, 8]

suite(
  'till at a real stall',
  test => {
    test.needs(
      missingChromium,
      'sells through two kills, and every sale is booked exactly once',
      async () => {
        const folder = await stallFolder('')
        const browser = await openChromium()
        let stall: StallProcess = await startStall(folder)
        const kill = async () => {
          stall.child.kill('SIGKILL')
          await stall.ended
        }
        try {
          const context = await browser.newContext({ viewport: PHONE })
          const page = await context.newPage()
          page.setDefaultTimeout(5_000)
          await page.goto(stall.url)
          for (let sale = 0; sale < SALES; sale++) {
            if (DIES.includes(sale)) await kill()
            await tile(page, 'bao').click()
            await exactCash(page).click()
            await paid(page).waitFor()
            if (RETURNS.includes(sale)) stall = await startStall(folder)
          }
          const booked = async () => {
            const answer = await fetch(`${stall.url}/api/v1/sales?limit=50`)
            const { sales } = (await answer.json()) as { sales: readonly { id: string }[] }
            return sales.map(({ id }) => id)
          }
          await until(async () => (await booked()).length >= SALES, 'all are booked')
          await until(
            async () => /Mei's Bao/.test(await textOf(says(page))),
            'nothing is on its way'
          )
          const ids = await booked()
          assert.is(ids.length, SALES)
          assert.is(new Set(ids).size, SALES)

          await kill()
          const cold = await context.newPage()
          await cold.goto(stall.url)
          await tile(cold, 'bao').click()
          await exactCash(cold).click()
          await paid(cold).waitFor()
          await until(
            async () => /1 sale safe/.test(await textOf(says(cold))),
            'opened without a stall'
          )
        } finally {
          await browser.close()
          await kill()
        }
      }
    )
  },
  { stepMs: 60_000 }
)
