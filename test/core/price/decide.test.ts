import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type Day, observe } from '../../../node/core/price/day.ts'
import { type Decision, decidePrices, type Slice } from '../../../node/core/price/decide.ts'
import { explain, explanationText } from '../../../node/core/price/explain.ts'
import type { PricedItem, Shelf } from '../../../node/core/price/item.ts'
import { DEFAULT_POLICY } from '../../../node/core/price/policy.ts'
import { currencyOf } from '../../../node/core/sell/money.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'
import { calm, dayOf, lemonade, onShelf } from './given.ts'

/** So many windows of 20 visitors, each selling as many of the one item at 4.00. */
const afterWindows = (stock: number, windows: number, sold: number, item = lemonade): Day =>
  Array.from({ length: windows }).reduce<Day>(
    day => observe(day, { visitors: 20, sold: [sold], inStock: [1], prices: [euro(4)] }),
    dayOf([stock], { items: [item] })
  )

const sliceOf = (day: Day, shelf: Partial<Shelf>): Slice => ({
  day,
  shelves: [{ ...onShelf, ...shelf }],
  scene: calm,
  policy: DEFAULT_POLICY
})

interface Case {
  readonly what: string
  readonly stock: number
  readonly windows: number
  readonly sold: number
  readonly item?: Partial<PricedItem>
  readonly price: number
  readonly reason: Decision['reason']
}

/** Golden: what the model makes of a day that anybody can judge. */
const cases: readonly Case[] = [
  {
    what: 'a day as planned stays',
    stock: 20,
    windows: 5,
    sold: 2,
    price: 4,
    reason: 'best-already'
  },
  {
    what: 'bread that nobody wants gets cheaper',
    stock: 30,
    windows: 6,
    sold: 1,
    price: 3.6,
    reason: 'window-limit'
  },
  {
    what: 'what flies off the shelf gets dearer',
    stock: 20,
    windows: 4,
    sold: 4,
    price: 4.4,
    reason: 'window-limit'
  },
  {
    what: 'a gain of cents is not worth a change',
    stock: 20,
    windows: 1,
    sold: 2,
    price: 4,
    reason: 'best-already'
  },
  {
    what: 'nor one that many windows would have to earn',
    stock: 25,
    windows: 3,
    sold: 3,
    price: 4,
    reason: 'best-already'
  },
  {
    what: 'what keeps until tomorrow is not dumped',
    stock: 30,
    windows: 6,
    sold: 1,
    item: { cost: euro(3), salvage: euro(2.5) },
    price: 4,
    reason: 'best-already'
  },
  {
    what: 'nor sold under its cost',
    stock: 30,
    windows: 6,
    sold: 1,
    item: { cost: euro(3.5) },
    price: 3.9,
    reason: 'floor'
  }
]

suite('decide', test => {
  for (const { what, stock, windows, sold, item, price, reason } of cases) {
    test(what, () => {
      const day = afterWindows(stock, windows, sold, { ...lemonade, ...item })
      const [decision] = decidePrices(sliceOf(day, { stock: stock - windows * sold }))
      assert.equal([decision?.price, decision?.reason], [euro(price), reason])
    })
  }

  test('the same day is priced the same, whole or in slices', () => {
    const stock = Array.from({ length: 40 }, (_, at) => 1 + ((at * 7) % 23))
    const day = observe(dayOf(stock), {
      visitors: 25,
      sold: stock.map((_, at) => at % 4),
      inStock: stock.map(() => 1),
      prices: stock.map(() => euro(4))
    })
    const shelves = stock.map(units => ({ ...onShelf, stock: units }))
    const slice = { day, shelves, scene: calm, policy: DEFAULT_POLICY }
    const whole = decidePrices(slice)
    const parts = [0, 10, 20, 30].flatMap(from => decidePrices({ ...slice, from, to: from + 10 }))
    assert.equal(whole, parts)
    assert.is(whole.length, 40)
    assert.ok(new Set(whole.map(({ price }) => price)).size > 1)
  })

  test('an observed day leaves the one before it as it was', () => {
    const before = dayOf([20])
    const kept = structuredClone(before)
    observe(before, { visitors: 20, sold: [5], inStock: [1], prices: [euro(4)] })
    assert.equal(before, kept)
  })

  test('more stock never asks a higher price, and fewer windows left neither', () => {
    const priceFor = (stock: number) =>
      decidePrices(sliceOf(afterWindows(20, 5, 2), { stock }))[0]?.price ?? 0
    const prices = [2, 5, 10, 20, 40, 80].map(priceFor)
    assert.equal(
      prices,
      prices.toSorted((a, b) => b - a)
    )
    assert.ok((prices[0] ?? 0) > (prices.at(-1) ?? 0))
  })
})

const windows = fc.array(
  fc.record({ visitors: fc.integer({ min: 0, max: 60 }), sold: fc.integer({ min: 0, max: 4 }) }),
  { minLength: 1, maxLength: 9 }
)

suite('explain', test => {
  test('what each input did sums to the change, to the cent', () => {
    let moved = 0
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 60 }), (all, stock) => {
        const day = all.reduce(
          (before, { visitors, sold }) =>
            observe(before, { visitors, sold: [sold], inStock: [1], prices: [euro(4)] }),
          dayOf([stock])
        )
        const slice = sliceOf(day, { stock })
        const { parts, before, price, reason } = explain(slice, 0)
        const [decision] = decidePrices(slice)
        assert.equal([price, reason], [decision?.price, decision?.reason])
        const sum = parts.reduce((total, { change }) => total + change, 0)
        assert.is(sum, price - before)
        moved += price === before ? 0 : 1
      }),
      { seed: 5, numRuns: 300 }
    )
    assert.ok(moved > 100)
  })

  test('the part is of the input that was out of the ordinary', () => {
    const largest = (day: Day, stock: number) => {
      const { parts } = explain(sliceOf(day, { stock }), 0)
      return parts
        .slice(0, -1)
        .reduce((most, part) => (Math.abs(part.change) > Math.abs(most.change) ? part : most))
    }
    const empty = Array.from({ length: 6 }).reduce<Day>(
      day => observe(day, { visitors: 10, sold: [1], inStock: [1], prices: [euro(4)] }),
      dayOf([30])
    )
    assert.is(largest(empty, 24).input, 'visitors')
    assert.is(largest(afterWindows(30, 6, 1), 24).input, 'sales')
    assert.is(largest(afterWindows(20, 5, 2), 60).input, 'stock')
  })

  test('says it in a sentence', () => {
    const explanation = explain(sliceOf(afterWindows(30, 6, 1), { stock: 24 }), 0)
    const words = { name: 'Lemonade', currency: currencyOf('EUR') }
    assert.is(
      explanationText(explanation, words),
      'Lemonade 4.00 → 3.60: 6 of 30 sold, we expect 5 more at 4.00 but 7 at 3.60; 24 are left.'
    )
    const calmDay = explain(sliceOf(afterWindows(20, 5, 2), { stock: 10 }), 0)
    assert.is(
      explanationText(calmDay, words),
      'Lemonade stays at 4.00: 10 of 20 sold; 10 are left.'
    )
  })

  test('a price that stays has a reason and no parts', () => {
    const { parts, reason } = explain(sliceOf(afterWindows(30, 6, 1), { stock: 0 }), 0)
    assert.equal([parts, reason], [[], 'sold-out'])
  })
})
