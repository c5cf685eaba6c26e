// Functions given to the page run in the browser and speak of its globals.
/// <reference lib="dom" />
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingChromium, openChromium, PHONE } from '../system/browser.ts'
import { stallFolder, startStall } from '../system/stall-process.ts'
import type { Bench, Row } from './measure.ts'

const PAGES = fileURLToPath(new URL('../../pages', import.meta.url))
const KB_MAX = 40

/** What a phone fetches before the till sells for the first time. */
export const load: Bench = {
  name: 'load',
  needs: async () => missingChromium,
  run: async () => [
    rowOf('till, first load by the built files, gzip', await bytesBuilt()),
    rowOf('till, first load by the network, gzip', await bytesFetched())
  ]
}

const rowOf = (what: string, bytes: number): Row => ({
  what,
  unit: 'KB',
  ours: bytes / 1_000,
  target: { of: 'ours', atMost: KB_MAX }
})

/** The page and all that it names. */
async function bytesBuilt(): Promise<number> {
  const page = join(PAGES, 'till', 'index.html')
  const html = await readFile(page, 'utf8')
  const named = [...html.matchAll(/(?:src|href)="\/?(assets\/[^"]+)"/g)]
  const paths = [page, ...named.map(([, path = '']) => join(PAGES, path))]
  const sizes = await Promise.all(paths.map(gzipSize))
  return sizes.reduce((all, size) => all + size, 0)
}

/** Small files are not compressed, for it would not help. */
const gzipSize = async (path: string): Promise<number> =>
  (await stat(`${path}.gz`).catch(() => stat(path))).size

/** As the browser counts them; the API's answers are no part of the page. */
async function bytesFetched(): Promise<number> {
  const folder = await stallFolder('')
  const stall = await startStall(folder)
  const browser = await openChromium()
  try {
    const page = await browser.newPage({ viewport: PHONE })
    await page.goto(stall.url)
    await page.locator('[data-sku="bao"]').waitFor()
    return await page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(({ name }) => !new URL(name).pathname.startsWith('/api/'))
        .map(each => (each instanceof PerformanceResourceTiming ? each.encodedBodySize : 0))
        .reduce((all, size) => all + size, 0)
    )
  } finally {
    await browser.close()
    stall.child.kill('SIGKILL')
    await stall.ended
    await rm(folder.dir, { recursive: true, force: true })
  }
}
