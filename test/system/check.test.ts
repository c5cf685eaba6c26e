import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { axeFaults, missingChromium, openChromium } from './browser.ts'
import { openFakeBox } from './fake-node.ts'
import { textOf } from './till.ts'

const { keys, cases } = JSON.parse(readFileSync('test/vectors/wire.json', 'utf8')) as {
  readonly keys: { readonly marketKey: string }
  readonly cases: readonly {
    readonly kind: string
    readonly expect: string
    readonly given: string
  }[]
}
const hexOf = (expect: RegExp) =>
  cases.find(each => each.kind === 'receipt' && expect.test(each.expect))?.given ?? ''
const genuine = `#${BigInt(`0x01${hexOf(/accept/)}`)}`
const changed = `#${BigInt(`0x01${hexOf(/signature/)}`)}`
/** A name that is not localhost, so that the page stands on plain http as on a stall's Wi-Fi. */
const PLAIN_HTTP = '--host-resolver-rules=MAP stall-12.local 127.0.0.1'
const saved = fileURLToPath(new URL('../../pages/check.html', import.meta.url))

suite('receipt check page', test => {
  test.needs(missingChromium, 'verifies offline, on plain http', () =>
    withPage(async (page, url) => {
      await page.goto(`${url}/r${genuine}`)
      assert.not(await page.evaluate(() => isSecureContext))
      await page.context().setOffline(true)
      const text = await textOf(page.locator('main'))
      assert.match(text, /Genuine receipt[\s\S]*Stall 12 · market\.example[\s\S]*2 × Char siu bao/)
      assert.match(text, /Total\s*€16\.50/)
      await page.evaluate(hash => {
        location.hash = hash
      }, changed)
      await page.getByText('Not genuine').waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        // axe is an inline script to this page's policy, so it is injected past it.
        assert.equal(await axeFaults(page), [])
      }
    })
  )

  test.needs(
    missingChromium,
    'a saved copy opens from disk and does not claim to know the market',
    () =>
      withPage(async page => {
        await page.goto(`file://${saved}${genuine}`)
        const text = await textOf(page.locator('main'))
        assert.match(text, /Cannot tell who signed[\s\S]*unchecked[\s\S]*Char siu bao/)
      })
  )

  test.needs(missingChromium, 'says what to do with half a code', () =>
    withPage(async (page, url) => {
      await page.goto(`${url}/r${genuine.slice(0, 200)}`)
      assert.match(await textOf(page.locator('main')), /Scan it again/)
      await page.goto(`${url}/r`)
      await page.getByText('Scan the code on a receipt').waitFor()
    })
  )
})

async function withPage(step: (page: Page, url: string) => Promise<void>): Promise<void> {
  const browser = await openChromium([PLAIN_HTTP])
  const box = await openFakeBox({ marketKey: keys.marketKey })
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(5_000)
    await step(page, box.url.replace('127.0.0.1', 'stall-12.local'))
  } finally {
    await browser.close()
    await box.close()
  }
}
