import * as assert from 'uvu/assert'
import type { SyncRefusal } from '../../node/core/share/message.ts'
import { suite } from '../harness.ts'
import { openLargeMarket } from './propagate.ts'
import { runWorld, type WorldResult } from './run.ts'

/** More of them run in `test/system`, and any with `npm run world`. */
const SEEDS = 16

suite(
  'world',
  test => {
    test(`markets agree after every trouble (seeds 1 to ${SEEDS})`, async () => {
      const results: WorldResult[] = []
      for (let seed = 1; seed <= SEEDS; seed++) {
        results.push(await runWorld(seed))
      }
      const sum = (of: (result: WorldResult) => number) =>
        results.reduce((all, each) => all + of(each), 0)
      // The evenings were as bad as they should be, and stalls sold all the same.
      assert.ok(sum(({ crashes }) => crashes) > SEEDS)
      assert.ok(sum(({ liars }) => liars) > SEEDS / 4)
      assert.ok(sum(({ copies }) => copies) > 0)
      assert.ok(sum(({ acknowledged }) => acknowledged) > 50 * SEEDS)
      // Nobody calls a false frame what the weather did.
      for (const { liars, refusals } of results) {
        if (liars === 0) assert.is(refusals['false-frames'] ?? refusals['malformed'], undefined)
      }
      for (const reason of REASONS) {
        assert.ok(sum(({ refusals }) => refusals[reason] ?? 0) > 0, `never "${reason}"`)
      }
    })

    test('one seed is one evening, whenever it is run', async () => {
      assert.equal(await runWorld(6), await runWorld(6))
    })

    test('news of a quiet market of 40 stalls reach all within 300 ms (seed 1)', async () => {
      const market = await openLargeMarket({ ...about, stalls: 40 })
      assert.ok(market.isAgreed())
      const quiet = await market.sellFor(120_000, 200_000)
      assert.is(quiet.reached, 1)
      assert.ok(quiet.p99Ms < 300, `${quiet.p99Ms} ms`)
      const busy = await market.sellFor(20_000, 30_000)
      assert.is(busy.reached, 1)
      assert.ok(busy.p99Ms < 1_200, `${busy.p99Ms} ms`)
      assert.ok(busy.bytesPerSale < 1_000, `${busy.bytesPerSale} bytes`)
    })

    test('two halves that were apart heal with little more than what is missing', async () => {
      const market = await openLargeMarket({ ...about, stalls: 20 })
      market.split(true)
      await market.sellFor(600_000, 30_000)
      assert.not(market.isAgreed())
      const missing = await market.missingBytes()
      const before = market.sent()
      market.split(false)
      await market.pass(20_000)
      assert.ok(market.isAgreed())
      const all = market.sent().bytes - before.bytes
      assert.ok(all < 1.2 * missing, `${all} bytes for ${missing} that were missing`)
    })
  },
  { stepMs: 120_000 }
)

const about = { seed: 1, degree: 5, delayMs: 10, writeMs: 5 }

/** Every reason that the liars and the weather must have called up in so many evenings. */
const REASONS: readonly SyncRefusal[] = [
  'malformed',
  'unknown-kind',
  'no-hello',
  'replayed',
  'too-often',
  'too-many-logs',
  'disk',
  'empty-promise',
  'false-frames',
  'split-log'
]
