// Functions given to the page run in the browser and speak of its globals.
/// <reference lib="dom" />
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { missingChromium, openChromium, PHONE } from '../system/browser.ts'
import { stallFolder, startStall } from '../system/stall-process.ts'
import { type Bench, median, quantile, type Row } from './measure.ts'

const SALES = 60
const WARM_UP = 5
const CPU_SLOWER = 4
/** No keeper sells faster; the printer is done with the last receipt by then. */
const BETWEEN_MS = 200
const PRINT_MS_MAX = 10_000

/** From the tap on "exact cash", in a browser on a slow phone, to the receipt's first byte. */
export const tap: Bench = {
  name: 'tap',
  needs: async () => missingChromium,
  run: async () => {
    const printer = await stampingPrinter()
    const folder = await stallFolder(
      `[[device]]\nrole = "printer"\ndriver = "escpos-tcp"\nmodel = "epson-tm-t20"\n` +
        `host = "127.0.0.1"\nport = ${printer.port}\n`
    )
    const stall = await startStall(folder)
    const browser = await openChromium()
    try {
      const page = await browser.newPage({ viewport: PHONE, hasTouch: true, isMobile: true })
      await page.goto(stall.url)
      await page.locator('[data-sku="bao"]').waitFor()
      return rowsOf(await tapAll(page, printer))
    } finally {
      await browser.close()
      stall.child.kill('SIGKILL')
      await stall.ended
      printer.close()
      await rm(folder.dir, { recursive: true, force: true })
    }
  }
}

const rowsOf = (spansMs: readonly number[]): Row[] => [
  {
    what: `tap to first printer byte, CPU x${CPU_SLOWER}, median of ${SALES}`,
    unit: 'ms',
    ours: median(spansMs),
    target: { of: 'ours', atMost: 60 }
  },
  {
    what: `tap to first printer byte, CPU x${CPU_SLOWER}, 95th percentile`,
    unit: 'ms',
    ours: quantile(spansMs, 0.95),
    target: { of: 'ours', atMost: 150 }
  }
]

async function tapAll(page: Page, printer: StampingPrinter): Promise<number[]> {
  await page.evaluate(stampTaps)
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWER })
  const spansMs: number[] = []
  for (let sale = 0; sale < WARM_UP + SALES; sale++) {
    await page.locator('[data-sku="bao"]').tap()
    await page.locator('[data-sku="bao"]').tap()
    const printing = printer.next()
    await page.locator('.pay .exact').tap()
    const printedAt = await printing
    const tappedAt = await page.evaluate(() => Number(document.body.dataset['tappedAt']))
    if (sale >= WARM_UP) spansMs.push(printedAt - tappedAt)
    await delay(BETWEEN_MS)
  }
  return spansMs
}

/** Runs in the page: notes when the finger left the glass, by the clock that Node reads too. */
function stampTaps(): void {
  const note = (event: Event) => {
    const agoMs = performance.now() - event.timeStamp
    document.body.dataset['tappedAt'] = String(Date.now() - agoMs)
  }
  addEventListener('pointerup', note, { capture: true })
}

interface StampingPrinter {
  readonly port: number
  /** When the first byte of the next receipt arrives, by the wall clock. */
  readonly next: () => Promise<number>
  readonly close: () => void
}

async function stampingPrinter(): Promise<StampingPrinter> {
  const program = fileURLToPath(new URL('./printer.js', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const next = async () => {
    const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(PRINT_MS_MAX) })
    return Number(line)
  }
  return { port: await next(), next, close: () => void child.kill() }
}
