import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { missingChromium, TABLET } from './browser.ts'
import { runStall } from './stall-process.ts'
import { exactCash, says, textOf, tile, until, withTill } from './till.ts'

const MOSQUITTO_SUB = '/usr/bin/mosquitto_sub'
const missing =
  missingChromium || (existsSync(MOSQUITTO_SUB) ? false : 'mosquitto-clients (mosquitto_sub)')

/** The hand that holds it scans each 5 to 25 s. */
const SCANNER = `
[[device]]
role = "scanner"
driver = "scanner-serial"
simulated = true
path = "/dev/serial/by-id/usb-scanner"
baud = 9600
codes = ["2000000000015"]
`
const SCAN_MS_MAX = 40_000

suite(
  'till: devices',
  test => {
    test.needs(missing, 'a broken device is told of in the same words everywhere, and mended', () =>
      withTill({ viewport: TABLET }, async ({ page, stall }) => {
        await until(async () => /kg/.test(await textOf(says(page))), 'the scale weighs')
        await openDevices(page)
        const row = page.locator('.devices li', { hasText: 'Scale' })
        await row.getByText('Try a fault').click()
        await row.getByRole('button', { name: 'Unplug it' }).click()
        await until(async () => (await row.getAttribute('class')) !== 'up', 'it is not well')
        const [sentence, fix] = [/The scale was unplugged\./, /Plug it in again/]
        const shown = await textOf(row)
        assert.match(shown, sentence)
        assert.match(shown, fix)
        const answer = await fetch(`${stall.url}/api/v1/devices`)
        const { devices } = (await answer.json()) as { readonly devices: readonly object[] }
        const http = JSON.stringify(devices[0])
        const { stdout: mqtt } = await promisify(execFile)(MOSQUITTO_SUB, [
          ...['-h', '127.0.0.1', '-p', String(stall.mqttPort), '-C', '1', '-W', '5'],
          ...['-t', 'stall/stall-12/device/scale']
        ])
        const doctor = await runStall(['doctor', '--url', stall.url])
        assert.is(doctor.code, 1)
        for (const text of [http, mqtt, doctor.stdout]) {
          assert.match(text, sentence)
          assert.match(text, fix)
        }
        await page.keyboard.press('Escape')
        assert.match(await textOf(page.locator('.pill')), /^1 device !$/)
        assert.match(await textOf(says(page)), sentence)
        assert.is((await runStall(['doctor', '--fix', '--url', stall.url])).code, 0)
        await until(async () => /kg/.test(await textOf(says(page))), 'it weighs again')
        assert.match(await textOf(page.locator('.pill')), /^Devices ✓$/)
      })
    )

    test.needs(missingChromium, 'a scan falls into the basket of the till touched last', () =>
      withTill({ devices: SCANNER }, async ({ page, stall }) => {
        const other = await page.context().browser()?.newPage()
        if (!other) throw new Error('There is no second tablet')
        await other.goto(stall.url)
        await tile(other, 'mochi').waitFor()
        await page.locator('.chips button').first().click()
        await until(async () => /€2\.00/.test(await textOf(exactCash(page))), 'here', SCAN_MS_MAX)
        assert.ok(await exactCash(other).isDisabled(), 'and not there')
        await tile(other, 'mochi').click()
        await until(async () => /€6\.80/.test(await textOf(exactCash(other))), 'there', SCAN_MS_MAX)
      })
    )

    test.needs(missingChromium, 'the drawer opens for a reason, which is booked', () =>
      withTill({}, async ({ page, stall }) => {
        await page.getByRole('button', { name: 'Menu' }).click()
        await page.locator('dialog').getByRole('button', { name: 'Open drawer' }).click()
        await page.locator('dialog').getByRole('button', { name: 'Change' }).click()
        await until(async () => /open the drawer/.test(await textOf(says(page))), 'it says so')
        const abort = new AbortController()
        const entries = await fetch(`${stall.url}/api/v1/entries?after=0`, {
          signal: abort.signal
        })
        let told = ''
        for await (const piece of entries.body ?? []) {
          told += Buffer.from(piece).toString()
          if (told.includes('drawerOpened')) break
        }
        abort.abort()
        assert.match(told, /"type":"drawerOpened","reason":"Change"/)
      })
    )
  },
  { stepMs: 120_000 }
)

async function openDevices(page: Page): Promise<void> {
  await page.locator('.pill').click()
  await page.locator('.devices').waitFor()
}
