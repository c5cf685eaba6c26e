import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import type { FootfallCount } from '../../../node/core/footfall.ts'
import { type Day, observe } from '../../../node/core/price/day.ts'
import { decidePrices } from '../../../node/core/price/decide.ts'
import type { PriceReason } from '../../../node/core/price/guard.ts'
import {
  footfallIn,
  morningFault,
  PRIOR_VERSION,
  takeWindow,
  watchFault
} from '../../../node/core/price/inputs.ts'
import type { InputFault, PricedItem, Shelf } from '../../../node/core/price/item.ts'
import { DEFAULT_POLICY } from '../../../node/core/price/policy.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'
import { calm, dayOf, lemonade, MINUTE_MS, NOON, onShelf } from './given.ts'

/** Bread that nobody wants: a day on which, all being well, the price falls. */
const slowDay = (item: PricedItem = lemonade): Day =>
  Array.from({ length: 6 }).reduce<Day>(
    day => observe(day, { visitors: 20, sold: [1], inStock: [1], prices: [euro(4)] }),
    dayOf([30], { items: [item] })
  )

interface Trouble {
  readonly item?: Partial<PricedItem>
  readonly shelf?: Partial<Shelf>
  readonly fault?: InputFault | null
  readonly marketDays?: number
  readonly day?: Day
}

function priced({ item, shelf, fault = null, marketDays = 3, day }: Trouble = {}) {
  const [decision] = decidePrices({
    day: day ?? slowDay({ ...lemonade, ...item }),
    shelves: [{ ...onShelf, stock: 24, ...shelf }],
    scene: { ...calm, fault, marketDays },
    policy: DEFAULT_POLICY
  })
  if (!decision) throw new Error('Nothing was decided')
  return decision
}

const WINDOW = { from: NOON - 30 * MINUTE_MS, to: NOON }
const watch = { window: WINDOW, at: NOON, startedAt: 0, heardAt: NOON - MINUTE_MS, counts: [] }

const minute = (from: number, more: Partial<FootfallCount> = {}): FootfallCount => ({
  sensor: 'door',
  from: WINDOW.from + from * MINUTE_MS,
  to: WINDOW.from + (from + 1) * MINUTE_MS,
  in: 2,
  out: 1,
  unsure: 0,
  lostEdges: 0,
  quality: 'direct',
  ...more
})
const halfHour = Array.from({ length: 30 }, (_, at) => minute(at))

const told = { sold: [1], inStock: [1], prices: [euro(4)] }
const windowFault = (footfall: number | null, more: Partial<typeof told> = {}) =>
  takeWindow(slowDay(), { ...told, ...more, footfall }, DEFAULT_POLICY).fault

const artifact = Buffer.from(JSON.stringify({ version: PRIOR_VERSION, categories: { tea: 1.7 } }))
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const flipped = Buffer.from(artifact.map((byte, at) => (at === 9 ? byte ^ 1 : byte)))
const given = { items: 1, stock: [30], forecast: [20, 20] }

/** "Bad input and faults": a named reason and an unchanged price. */
const troubles: readonly [what: string, reason: PriceReason, trouble: () => Trouble][] = [
  [
    'no sales at all, ever',
    'cold-start',
    () => ({ shelf: { soldEver: 0 }, marketDays: 0, day: dayOf([30]) })
  ],
  ['zero stock', 'sold-out', () => ({ shelf: { stock: 0 } })],
  ['stock below zero', 'sold-out', () => ({ shelf: { stock: -2 } })],
  ['stock that nobody counted', 'stock-unknown', () => ({ shelf: { stock: null } })],
  ['half a bun in stock', 'bad-item', () => ({ shelf: { stock: 1.5 } })],
  ['a free item', 'free-item', () => ({ item: { list: euro(0) }, shelf: { price: euro(0) } })],
  ['a price of no number', 'bad-item', () => ({ item: { list: Number.NaN as never } })],
  ['a step of zero', 'bad-item', () => ({ item: { step: euro(0) } })],
  ['cost above list', 'cost-above-list', () => ({ item: { cost: euro(5) } })],
  ['a floor above the cap', 'limits-cross', () => ({ item: { floor: euro(5), cap: euro(4.5) } })],
  ['NaN from a counter', 'footfall-unreadable', () => ({ fault: windowFault(Number.NaN) })],
  ['fewer than nobody', 'footfall-unreadable', () => ({ fault: windowFault(-1) })],
  ['half a visitor', 'footfall-unreadable', () => ({ fault: windowFault(2.5) })],
  ['nobody, who bought', 'footfall-missed', () => ({ fault: windowFault(0) })],
  ['more people than there are', 'footfall-unreadable', () => ({ fault: windowFault(1e9) })],
  [
    'a minute that came twice',
    'footfall-doubled',
    () => ({ fault: watchFault({ ...watch, counts: [...halfHour, minute(7)] }) })
  ],
  [
    'a counter that doubles',
    'footfall-doubled',
    () => ({ fault: takeWindow(busyDay(), doubledWindow, DEFAULT_POLICY).fault })
  ],
  [
    'footfall from the future',
    'footfall-from-future',
    () => ({ fault: watchFault({ ...watch, counts: [...halfHour, minute(30)] }) })
  ],
  [
    'a window that spans a restart',
    'window-interrupted',
    () => ({ fault: watchFault({ ...watch, startedAt: WINDOW.from + 1 }) })
  ],
  [
    'a clock that stepped back',
    'clock-jumped',
    () => ({ fault: watchFault({ ...watch, at: NOON - 1 }) })
  ],
  [
    'a clock that jumped ahead',
    'clock-jumped',
    () => ({ fault: watchFault({ ...watch, at: NOON + 30 * MINUTE_MS }) })
  ],
  [
    'a window without end',
    'clock-jumped',
    () => ({ fault: watchFault({ ...watch, window: { from: NOON, to: NOON } }) })
  ],
  [
    'no news for over two windows',
    'inputs-stale',
    () => ({ fault: watchFault({ ...watch, heardAt: NOON - 61 * MINUTE_MS }) })
  ],
  [
    'sales of another catalogue',
    'inputs-missing',
    () => ({ fault: windowFault(20, { sold: [1, 2] }) })
  ],
  ['sales below zero', 'inputs-missing', () => ({ fault: windowFault(20, { sold: [-1] }) })],
  [
    'a forecast of no number',
    'inputs-missing',
    () => ({ fault: morningFault({ ...given, forecast: [Number.NaN] }) })
  ],
  ['no forecast', 'inputs-missing', () => ({ fault: morningFault({ ...given, forecast: [] }) })],
  [
    'more items than a stall may have',
    'too-many-items',
    () => ({ fault: morningFault({ ...given, items: 10_001 }) })
  ],
  [
    "a peer's older model",
    'prior-older',
    () => ({
      fault: morningFault({
        ...given,
        prior: { fingerprint: hash(artifact), measured: hash(artifact), version: PRIOR_VERSION - 1 }
      })
    })
  ],
  [
    'an artifact with one flipped byte',
    'prior-damaged',
    () => ({
      fault: morningFault({
        ...given,
        prior: { fingerprint: hash(artifact), measured: hash(flipped), version: PRIOR_VERSION }
      })
    })
  ]
]

/** Forty items, so that one window's sales prove something. */
function busyDay(): Day {
  const forty = Array.from({ length: 40 }, () => 20)
  return Array.from({ length: 3 }).reduce<Day>(day => observe(day, busyWindow(20)), dayOf(forty))
}

const busyWindow = (visitors: number) => ({
  visitors,
  sold: new Array(40).fill(2),
  inStock: new Array(40).fill(1),
  prices: new Array(40).fill(euro(4))
})
const { visitors: _, ...busyTold } = busyWindow(20)
const doubledWindow = { ...busyTold, footfall: 40 }

suite('bad input: a named reason and an unchanged price', test => {
  test('all being well the price would fall', () => {
    assert.is(priced().price, euro(3.6))
  })

  for (const [what, reason, trouble] of troubles) {
    test(`${what}: ${reason}`, () => {
      const made = trouble()
      const decision = priced(made)
      assert.is(decision.reason, reason)
      assert.is(decision.price, decision.before)
    })
  }

  test('one item alone, and ten thousand, are priced like any', () => {
    assert.is(decidePrices({ ...manyOf(1), policy: DEFAULT_POLICY })[0]?.price, euro(3.6))
    const all = decidePrices({ ...manyOf(10_000), policy: DEFAULT_POLICY })
    assert.is(all.length, 10_000)
    assert.equal([...new Set(all.map(({ price }) => price))], [euro(3.6)])
  })

  test('a free item among others teaches nothing about them', () => {
    const items = [lemonade, { ...lemonade, sku: 'napkin', list: euro(0) }]
    const window = { visitors: 20, inStock: [1, 1], prices: [euro(4), euro(0)] }
    const day = dayOf([30, 500], { items })
    const seen = observe(day, { ...window, sold: [1, 90] }).seen
    assert.equal([...seen.sold], [1, 0])
    assert.is(seen.expected[1], 0)
  })
})

function manyOf(count: number) {
  const day = Array.from({ length: 6 }).reduce<Day>(
    before =>
      observe(before, {
        visitors: 20,
        sold: new Array(count).fill(1),
        inStock: new Array(count).fill(1),
        prices: new Array(count).fill(euro(4))
      }),
    dayOf(new Array(count).fill(30))
  )
  const shelves = new Array<Shelf>(count).fill({ ...onShelf, stock: 24 })
  return { day, shelves, scene: calm }
}

suite('a window that is told wrong still teaches what was right', test => {
  test('an unreadable counter is an absent one', () => {
    const window = { ...told, sold: [3] }
    const bad = takeWindow(slowDay(), { ...window, footfall: Number.NaN }, DEFAULT_POLICY)
    const absent = takeWindow(slowDay(), { ...window, footfall: null }, DEFAULT_POLICY)
    assert.is(absent.fault, null)
    assert.equal(bad.day, absent.day)
  })

  test('so is one that doubles; but a crowd that buys is a crowd', () => {
    const doubled = takeWindow(busyDay(), doubledWindow, DEFAULT_POLICY)
    const absent = takeWindow(busyDay(), { ...busyTold, footfall: null }, DEFAULT_POLICY)
    assert.equal(doubled.day, absent.day)
    const crowd = { ...doubledWindow, sold: new Array(40).fill(4) }
    assert.is(takeWindow(busyDay(), crowd, DEFAULT_POLICY).fault, null)
    const dull = { ...busyTold, footfall: 18, sold: new Array(40).fill(0) }
    assert.is(takeWindow(busyDay(), dull, DEFAULT_POLICY).fault, null)
  })

  test('one item that does not sell proves nothing of the counter', () => {
    assert.is(windowFault(60, { sold: [0] }), null)
  })

  test('a window without sales moves the day on and teaches nothing', () => {
    const { day } = takeWindow(slowDay(), { ...told, sold: [], footfall: 20 }, DEFAULT_POLICY)
    assert.is(day.seen.windows, 7)
    assert.is(day.seen.sold[0], 6)
  })
})

suite('what the counters saw', test => {
  test('the people who came in', () => {
    assert.is(footfallIn(halfHour, WINDOW), 60)
  })

  test('half open: the minute on the stroke belongs to the next window', () => {
    const next = { from: WINDOW.to, to: WINDOW.to + 30 * MINUTE_MS }
    const hour = Array.from({ length: 60 }, (_, at) => minute(at, { in: at < 30 ? 2 : 5 }))
    assert.equal([footfallIn(hour, WINDOW), footfallIn(hour, next)], [60, 150])
  })

  test('two doors add up', () => {
    const both = [...halfHour, ...halfHour.map(count => ({ ...count, sensor: 'gate' }))]
    assert.is(footfallIn(both, WINDOW), 120)
  })

  test('nobody can say: no counter, a gap, a guess, a broken beam', () => {
    const broken = minute(3, { in: null, out: null, quality: 'degraded' })
    const guess = minute(3, { quality: 'estimated' })
    const others = halfHour.filter((_, at) => at !== 3)
    for (const counts of [[], others, [...others, broken], [...others, guess]]) {
      assert.is(footfallIn(counts, WINDOW), null)
    }
  })
})
