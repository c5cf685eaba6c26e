import { openLargeMarket, PACKET_BYTES } from '../world/propagate.ts'
import type { Bench, Row } from './measure.ts'

const STALLS = 200
const LINK_MS = 10
const DISK_MS = 5
const QUIET_P99_MS_MAX = 300
const BUSY_P99_MS_MAX = 1_200
const SALE_BYTES_MAX = 900
/** Of which each half misses what the other sold. */
const APART_MS = 600_000
const APART_STALLS = 40
const HEAL_MAX = 1.06

/**
 * A market in simulated time: real frames, sync and held series over links of 10 ms. Only the cost
 * of a packet's headers is a figure of ours. What it says hangs on its seed and on no machine.
 */
export const market: Bench = {
  name: 'market',
  run: async () => {
    const about = { seed: 1, degree: 5, delayMs: LINK_MS, writeMs: DISK_MS }
    const large = await openLargeMarket({ ...about, stalls: STALLS })
    const quiet = await large.sellFor(300_000, 5_000 * STALLS)
    const busy = await large.sellFor(60_000, 30_000)
    const rows: readonly Row[] = [
      {
        what: 'a sale on a quiet market of 200 reaches all, simulated p99',
        unit: 'ms',
        ours: quiet.p99Ms,
        target: { of: 'ours', atMost: QUIET_P99_MS_MAX }
      },
      {
        what: 'the same on a busy one (a sale a stall each 30 s)',
        unit: 'ms',
        ours: busy.p99Ms,
        target: { of: 'ours', atMost: BUSY_P99_MS_MAX }
      },
      {
        what: 'its cost a stall and sealed sale, with headers and digests',
        unit: 'B',
        ours: busy.bytesPerSale,
        target: { of: 'ours', atMost: SALE_BYTES_MAX }
      }
    ]
    return [...rows, await heal(about)]
  }
}

/** What joining two halves costs beside the frames that are missing. */
async function heal(about: Omit<Parameters<typeof openLargeMarket>[0], 'stalls'>): Promise<Row> {
  const apart = await openLargeMarket({ ...about, stalls: APART_STALLS })
  apart.split(true)
  await apart.sellFor(APART_MS, 30_000)
  const missing = await apart.missingBytes()
  const before = apart.sent()
  apart.split(false)
  let passedMs = 0
  while (!apart.isAgreed() && passedMs < 120_000) {
    await apart.pass(500)
    passedMs += 500
  }
  const after = apart.sent()
  const packets = after.messages - before.messages
  return {
    what: 'healing two halves of 40 after ten minutes, bytes / those of what is missing',
    unit: 'KB',
    ours: (after.bytes - before.bytes + packets * PACKET_BYTES) / 1_000,
    peer: missing / 1_000,
    target: { of: 'ratio', atMost: HEAL_MAX }
  }
}
