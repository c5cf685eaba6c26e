import { readFile, writeFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { SAMPLE_TOML } from '../../node/config/sample.ts'
import { openChromium, PHONE } from './browser.ts'
import { type FakeBox, openFakeBox } from './fake-node.ts'
import { freePort, type StallProcess, stallFolder, startStall } from './stall-process.ts'

interface TillOptions {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly hasTouch?: boolean
  /** TOML of more devices than the sample's. */
  readonly devices?: string
  /** Runs before the page's own scripts. */
  readonly before?: (page: Page) => Promise<unknown>
}

/** A stall of its own process that sells the sample catalogue. */
export interface RealStall {
  readonly url: string
  readonly mqttPort: number
  /** Oldest first. */
  readonly sales: () => Promise<readonly BookedSale[]>
  /** Pulls its plug. */
  readonly down: () => Promise<void>
  readonly up: () => Promise<void>
  /** Takes effect when it is up again. */
  readonly configure: (change: (toml: string) => string) => Promise<void>
}

/** A row of `GET /api/v1/sales`. */
export interface BookedSale {
  readonly id: string
  readonly lines: readonly {
    readonly sku: string
    readonly quantity: number
    readonly unit_price: number
  }[]
  readonly tenders: readonly { method: string; amount: number; reference?: string }[]
  readonly is_voided: boolean
}

/** A till in Chromium at a real stall; both are gone when `step` is over, however it ends. */
export async function withTill(
  options: TillOptions,
  step: (till: { readonly page: Page; readonly stall: RealStall }) => Promise<void>
): Promise<void> {
  const { stall, close } = await openSampleStall(options.devices)
  try {
    await withPage({ ...options, url: stall.url }, page => step({ page, stall }))
  } finally {
    await close()
  }
}

/** A till whose stall says what a test orders. */
export async function withOrderedTill(
  options: TillOptions,
  step: (till: { readonly page: Page; readonly box: FakeBox }) => Promise<void>
): Promise<void> {
  const box = await openFakeBox()
  try {
    await withPage({ ...options, url: box.url }, page => step({ page, box }))
  } finally {
    await box.close()
  }
}

async function withPage(
  options: TillOptions & { readonly url: string },
  step: (page: Page) => Promise<void>
): Promise<void> {
  const browser = await openChromium()
  try {
    const context = await browser.newContext({
      viewport: options.viewport ?? PHONE,
      hasTouch: options.hasTouch ?? false,
      reducedMotion: 'reduce'
    })
    const page = await context.newPage()
    page.setDefaultTimeout(5_000)
    await options.before?.(page)
    await page.goto(options.url)
    await tile(page, 'char-siu-bao').waitFor()
    await step(page)
  } finally {
    await browser.close()
  }
}

async function openSampleStall(devices = '') {
  const mqttPort = await freePort()
  const folder = await stallFolder('')
  const ports = `[broker]\nport = ${mqttPort}\n[till]\nport = ${folder.port}\n\n[market]`
  await writeFile(folder.config, SAMPLE_TOML.replace('[market]', ports) + devices)
  let process: StallProcess = await startStall(folder)
  const down = async () => {
    process.child.kill('SIGKILL')
    await process.ended
  }
  const stall: RealStall = {
    url: process.url,
    mqttPort,
    down,
    up: async () => {
      process = await startStall(folder)
    },
    configure: async change =>
      writeFile(folder.config, change(await readFile(folder.config, 'utf8'))),
    sales: async () => {
      const answer = await fetch(`${process.url}/api/v1/sales?limit=50`)
      const { sales } = (await answer.json()) as { readonly sales: readonly BookedSale[] }
      return sales.toReversed()
    }
  }
  return { stall, close: down }
}

export const tile = (page: Page, sku: string): Locator => page.locator(`[data-sku=${sku}]`)
export const exactCash = (page: Page): Locator => page.locator('.exact')
export const paid = (page: Page): Locator => page.locator('.paid')
export const says = (page: Page): Locator => page.locator('.says')

/** Without its line breaks, as it stands in the page. */
export const textOf = async (part: Locator): Promise<string> => (await part.textContent()) ?? ''

/** Waits until the page's state fits, for what takes its own time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 8_000
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export const untilSold = (stall: RealStall, count: number): Promise<void> =>
  until(async () => (await stall.sales()).length >= count, `${count} sales are booked`)

/** The stall does what the next calls to this path ask, and the answers never arrive. */
export async function loseAnswers(page: Page, path: string, times: number): Promise<void> {
  let left = times
  await page.route(`**${path}`, async route => {
    if (left === 0) return route.continue()
    // A stall that is still away books nothing, so no answer of it is lost.
    const isBooked = await route.fetch().then(
      () => true,
      () => false
    )
    if (isBooked) left -= 1
    await route.abort()
  })
}
