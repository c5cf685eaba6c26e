import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  type CountFootfall,
  FOOTFALL_KEPT_MAX,
  FOOTFALL_QUALITIES
} from '../../node/core/footfall.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import { decide, emptyStall, fold } from '../../node/core/stall.ts'
import { suite } from '../harness.ts'
import { id, LOG, openStall, thenRefused, when } from './given.ts'

const MINUTE_MS = 60_000

const minute = (count: number, more: Partial<CountFootfall> = {}): CountFootfall => ({
  type: 'countFootfall',
  sensor: 'door',
  from: count * MINUTE_MS,
  to: (count + 1) * MINUTE_MS,
  in: 3,
  out: 1,
  unsure: 0,
  lostEdges: 0,
  quality: 'direct',
  ...more
})

suite('footfall', test => {
  test('a minute becomes a fact and is kept', () => {
    const { entries, stall } = when(openStall(), minute(7))
    const { type: _, ...count } = minute(7)
    assert.is(entries[0]?.type, 'footfallCounted')
    assert.equal(stall.footfall, [count])
  })

  test('keeps the newest minutes only', () => {
    let stall = openStall()
    for (let count = 0; count <= FOOTFALL_KEPT_MAX; count++) {
      stall = when(stall, minute(count)).stall
    }
    assert.is(stall.footfall.length, FOOTFALL_KEPT_MAX)
    assert.is(stall.footfall[0]?.from, MINUTE_MS)
  })

  test('what nobody could see is never a number', () => {
    const refusal = { refused: 'bad-count', sensor: 'door' } as const
    for (const quality of ['absent', 'degraded'] as const) {
      thenRefused(openStall(), minute(1, { quality }), refusal)
      thenRefused(openStall(), minute(1, { quality, in: 0, out: 0 }), refusal)
      const { stall } = when(openStall(), minute(1, { quality, in: null, out: null, unsure: 4 }))
      assert.is(stall.footfall[0]?.in, null)
    }
  })

  test('refuses what is no count, whatever it is', () => {
    const odd = fc.oneof(fc.double(), fc.integer({ max: -1 }), fc.integer({ min: 1_000_001 }))
    fc.assert(
      fc.property(odd, fc.constantFrom('in', 'out', 'unsure', 'lostEdges'), (value, key) => {
        const made = decide(emptyStall, minute(1, { [key]: value }), { log: LOG, seq: 0, at: 0 })
        const isCount = Number.isInteger(value) && value >= 0 && value <= 1_000_000
        assert.is(isRefusal(made), !isCount)
      }),
      { seed: 3 }
    )
    const refusal = { refused: 'bad-count', sensor: 'door' } as const
    thenRefused(openStall(), minute(1, { to: MINUTE_MS }), refusal)
    // The wire has no halves of a ms, nothing before 1970 and no end of days.
    for (const span of [{ from: 0.5 }, { from: -1 }, { to: Number.POSITIVE_INFINITY }]) {
      thenRefused(openStall(), minute(1, span), refusal)
    }
    assert.is(FOOTFALL_QUALITIES.length, 4)
  })
})

suite('energy', test => {
  const use = {
    type: 'recordEnergy',
    device: 'lamp',
    from: 0,
    to: MINUTE_MS,
    onMs: 30_000,
    milliwattHours: 83
  } as const

  test('adds up by light', () => {
    let { stall } = when(openStall(), use)
    stall = when(stall, { ...use, device: 'sign', milliwattHours: 5 }).stall
    stall = when(stall, { ...use, device: 'constructor', milliwattHours: 7 }).stall
    stall = when(stall, use).stall
    assert.equal(stall.energy, { lamp: 166, sign: 5, constructor: 7 })
  })

  test('less than nothing is refused', () => {
    const refusal = { refused: 'bad-count', sensor: 'lamp' } as const
    thenRefused(openStall(), { ...use, milliwattHours: -1 }, refusal)
    thenRefused(openStall(), { ...use, to: 0.5 }, refusal)
  })
})

suite('drawer', test => {
  test('opening it without a sale is a fact with a reason, and moves no money', () => {
    const before = openStall()
    const { entries, stall } = when(before, { type: 'openDrawer', reason: 'Change' })
    assert.equal(
      entries.map(entry => entry.type),
      ['drawerOpened']
    )
    assert.equal(stall.accounts, before.accounts)
  })

  test('needs a reason, and one wish opens it once', () => {
    thenRefused(
      openStall(),
      { type: 'openDrawer', reason: ' ' },
      { refused: 'reason-missing', what: 'opening of the drawer' }
    )
    const wish = { type: 'openDrawer', reason: 'Change', wish: id(9) } as const
    const first = when(openStall(), wish)
    assert.is(when(first.stall, wish).refusal?.refused, 'already-done')
    assert.equal(first.entries.reduce(fold, openStall()).wishes, first.stall.wishes)
  })
})
