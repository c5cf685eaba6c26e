import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import type { DeviceView } from '../../node/core/device.ts'
import type { HealthState, PrintJob } from '../../node/core/ports.ts'
import type { TillPatch } from '../../node/core/till.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { axeFaults, missingChromium, PHONE, TABLET } from './browser.ts'
import { nightMarket } from './night-market.ts'
import { exactCash, paid, says, textOf, tile, until, withOrderedTill } from './till.ts'

const SIZES = [{ width: 320, height: 640 }, PHONE, { width: 768, height: 1024 }, TABLET]

const WELL = { name: 'printer', state: 'up', sentence: 'The printer is ready.', fix: '' } as const

const unknownJob = (sale: string): PrintJob => ({
  sale,
  number: `12-3-${sale}-K7`,
  copy: 1,
  state: 'unknown'
})

/** A device of that night in trouble. */
const broken = (name: string, state: HealthState, sentence: string): DeviceView => ({
  ...deviceView({ name }),
  ...nightMarket().devices.find(device => device.name === name),
  health: { name, state, sentence, fix: 'Look at it.' }
})

/** Everything that the stall may have to say, and what the header says of it. */
const NEWS: readonly (readonly [string, TillPatch, RegExp])[] = [
  [
    'paper out',
    {
      printing: {
        health: {
          name: 'printer',
          state: 'down',
          sentence: 'The paper is out.',
          fix: 'Load an 80 mm roll.'
        },
        jobs: ['1', '2', '3', '4'].map(sale => ({ ...unknownJob(sale), state: 'waiting' }))
      }
    },
    /^Paper is out: 4 receipts waiting$/
  ],
  [
    'receipts that may not have come out',
    { printing: { health: WELL, jobs: [unknownJob('1'), unknownJob('2')] } },
    /2 receipts may not have come out/
  ],
  [
    'a doubtful device, which stands under the name',
    {
      printing: { health: WELL, jobs: [] },
      devices: [broken('door', 'degraded', 'A beam is blocked.')]
    },
    /^Mei's Bao! Door: A beam is blocked\./
  ],
  [
    'a device that does not work',
    { devices: [broken('awning-light', 'down', 'Another program has its line.')] },
    /^Awning light: Another program has its line\.$/
  ],
  ['devices that work again', { devices: nightMarket().devices }, /^Mei's Bao0\.125 kg/],
  [
    'a wrong clock, which waits in the menu',
    {
      printing: { health: WELL, jobs: [] },
      health: [
        {
          name: 'clock',
          state: 'degraded',
          sentence: 'The clock is 41 minutes off. Receipts are marked.',
          fix: 'Connect the box to a phone for a minute.'
        }
      ]
    },
    /^Mei's Bao/
  ]
]

suite('till: nothing moves', test => {
  for (const viewport of SIZES) {
    test.needs(missingChromium, `no news moves a tap target at ${viewport.width} px`, () =>
      withOrderedTill({ viewport }, async ({ page, box }) => {
        await tile(page, 'char-siu-bao').click()
        await tile(page, 'iced-yuzu-tea').click()
        const before = await targets(page)
        assert.ok(Object.keys(before).length > 15)
        const unmoved = async (what: string) => {
          const now = await targets(page)
          for (const [name, place] of Object.entries(before)) {
            assert.is(now[name], place, `${what} moved ${name}`)
          }
          assert.ok(await fits(page), `${what} made the page wider than the screen`)
        }
        for (const [what, patch, words] of NEWS) {
          box.patch(patch)
          await until(async () => words.test(await textOf(says(page))), what)
          await unmoved(what)
        }
        assert.match(await textOf(page.locator('.bar .icon svg + .dot')), /^$/)
        box.patch({ health: [] })
        // Not a click by place, for which the test would scroll the tile into sight.
        await tile(page, 'char-siu-bao').dispatchEvent('click')
        await unmoved('a third item')
        await box.down()
        await until(async () => /Box restarting/.test(await textOf(says(page))), 'box away')
        await unmoved('the box away')
        await exactCash(page).click()
        await paid(page).waitFor()
        await unmoved('a payment')
        assert.not(await isCut(page), 'the paid strip is cut off')
        await until(async () => /1 sale safe/.test(await textOf(says(page))), 'one sale safe')
        await unmoved('a sale on this tablet')
      })
    )
  }
})

suite('till: what was paid', test => {
  for (const viewport of SIZES) {
    test.needs(missingChromium, `the strip is whole and easy to hit, ${viewport.width} px`, () =>
      withOrderedTill({ viewport }, async ({ page }) => {
        const check = async (what: string) => {
          assert.not(await isCut(page), `${what}: cut off`)
          assert.equal(await smallTargets(page), [], what)
        }
        await tile(page, 'char-siu-bao').click()
        await exactCash(page).click()
        await paid(page).waitFor()
        await check('paid')
        await page.getByRole('button', { name: 'Undo' }).click()
        assert.match(await textOf(paid(page)), /Give back €\d+\.\d\d$|Give back €\d+\.\d\dUndo/)
        await check('undone')
        await tile(page, 'okonomiyaki').click()
        await page.getByRole('button', { name: 'Card Other' }).click()
        const sheet = page.locator('dialog')
        for (const key of ['2', '00'])
          await sheet.getByRole('button', { name: key, exact: true }).click()
        await sheet.locator('.tenders button').first().click()
        await sheet.locator('.tenders button').nth(1).click()
        await page.getByRole('button', { name: 'Undo' }).click()
        assert.match(await textOf(paid(page)), /Give back €2\.00 cash · €7\.00 on the card/)
        await check('a split undone')
      })
    )
  }
})

const MENU = ['Open item', 'Recent sales', 'Day and drawer', 'Printer', 'Devices', 'Open drawer']

suite('till: for everybody', test => {
  for (const viewport of [PHONE, TABLET]) {
    test.needs(missingChromium, `axe finds nothing at ${viewport.width} px`, () =>
      withOrderedTill({ viewport }, async ({ page, box }) => {
        const check = async (what: string) => {
          for (const scheme of ['dark', 'light'] as const) {
            await page.evaluate(theme => {
              document.documentElement.dataset['theme'] = theme
            }, scheme)
            const faults = await axeFaults(page)
            assert.equal(faults, [], `${what}, ${scheme}: ${faults.join('\n')}`)
          }
        }
        await check('empty')
        await tile(page, 'char-siu-bao').click()
        await tile(page, 'okonomiyaki').click()
        await check('a basket')
        for (const name of ['Card Other', 'Menu', 'Total']) {
          await page.getByRole('button', { name }).first().click()
          await check(name)
          await page.keyboard.press('Escape')
        }
        box.patch({ devices: [broken('door', 'degraded', 'A beam is blocked.')] })
        for (const name of MENU) {
          await page.getByRole('button', { name: 'Menu' }).click()
          await page.locator('dialog').getByRole('button', { name }).click()
          if (name === 'Devices') await page.locator('.devices').waitFor()
          await check(name)
          await page.keyboard.press('Escape')
        }
        await exactCash(page).click()
        await paid(page).waitFor()
        await check('paid')
        await box.down()
        await until(async () => /Box restarting/.test(await textOf(says(page))), 'box away')
        await check('the box away')
      })
    )
  }

  test.needs(missingChromium, 'every target is at least 44 px high and wide', () =>
    withOrderedTill({}, async ({ page }) => {
      await tile(page, 'char-siu-bao').click()
      assert.equal(await smallTargets(page), [])
    })
  )
})

/** Where everything is that a finger aims at while selling, by what it says to a screen reader. */
const targets = (page: Page): Promise<Readonly<Record<string, string>>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [
        ...document.querySelectorAll('.tile, .chips button, .bar > button, .total, .pay button')
      ].map((target, at) => {
        const { x, y, width, height } = target.getBoundingClientRect()
        const name = target.getAttribute('data-sku') ?? `target ${at}`
        return [name, [x, y, width, height].map(Math.round).join(' ')]
      })
    )
  )

const smallTargets = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('button')].flatMap(button => {
      const { width, height } = button.getBoundingClientRect()
      const isShown = width > 0 && height > 0
      return isShown && (width < 44 || height < 44) ? button.outerHTML.slice(0, 80) : []
    })
  )

/** Words that do not fit where they stand, apart from those that end in an ellipsis. */
const isCut = (page: Page): Promise<boolean> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.paid, .paid p, .paid p > *, .pay button')].some(part => {
      const isLong = part.scrollWidth > part.clientWidth + 1
      const endsInDots = getComputedStyle(part).textOverflow === 'ellipsis'
      return part.scrollHeight > part.clientHeight + 1 || (isLong && !endsInDots)
    })
  )

const fits = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
