// Functions given to `page.evaluate` run in the browser and speak of its globals.
/// <reference lib="dom" />
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** For `test.needs`: what is missing, or false. */
export const missingChromium: string | false = existsSync(CHROMIUM) ? false : 'chromium'

export const openChromium = (extra: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...extra
    ]
  })

export const PHONE = { width: 390, height: 844 }
export const TABLET = { width: 1280, height: 800 }

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe-core finds wrong, one line each. Nothing is what a test wants. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  const source = await readFile(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
    'utf8'
  )
  await page.evaluate(source)
  return page.evaluate(async tags => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run({ runOnly: tags })
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`
    )
  }, AXE_TAGS)
}
