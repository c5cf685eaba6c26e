import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { closeDay } from '../../../node/core/price/close.ts'
import {
  type Day,
  fillWeights,
  moodFactor,
  observe,
  startDay,
  visitorsLeft
} from '../../../node/core/price/day.ts'
import {
  fillDemand,
  fillSales,
  KAPPA_COUNT,
  KAPPA_PRIOR,
  KAPPAS,
  sensitivityOf
} from '../../../node/core/price/demand.ts'
import { emptyMemory, type Memory, memoryFor } from '../../../node/core/price/memory.ts'
import { openMorning } from '../../../node/core/price/morning.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'
import { dayOf, lemonade } from './given.ts'

/** What E[min(D, stock)] and P(D >= stock) are by their definition, term after term. */
function salesByHand(mean: number, size: number, stock: number): readonly [number, number] {
  let chance = (size / (size + mean)) ** size
  let [sold, below] = [0, 0]
  for (let units = 0; units < stock; units++) {
    sold += units * chance
    below += chance
    chance *= ((units + size) / (units + 1)) * (mean / (size + mean))
  }
  return [sold + stock * (1 - below), 1 - below]
}

const salesOf = (mean: number, size: number, stock: number): readonly [number, number] => {
  const into = new Float64Array(2)
  fillSales(into, mean, size, stock)
  return [into[0] ?? Number.NaN, into[1] ?? Number.NaN]
}

suite('demand', test => {
  test('each kappa answers to a price as its exponential', () => {
    const into = new Float64Array(KAPPA_COUNT)
    for (const push of [-1.5, -0.2, 0, 0.3, 2]) {
      fillDemand(into, push)
      KAPPAS.forEach((kappa, at) => {
        assert.ok(Math.abs((into[at] ?? 0) / Math.exp(-kappa * push) - 1) < 1e-12)
      })
    }
  })

  test('what can be sold is what would be asked for, as far as the stock goes', () => {
    const means = fc.double({ min: 0.01, max: 60, noNaN: true })
    const sizes = fc.double({ min: 0.5, max: 200, noNaN: true })
    fc.assert(
      fc.property(means, sizes, fc.integer({ min: 1, max: 40 }), (mean, size, stock) => {
        const [sold, soldOut] = salesOf(mean, size, stock)
        const [soldByHand, soldOutByHand] = salesByHand(mean, size, stock)
        assert.ok(Math.abs(sold - soldByHand) < 1e-5 * stock)
        assert.ok(Math.abs(soldOut - soldOutByHand) < 1e-6)
      }),
      { seed: 4 }
    )
  })

  test('a bell curve does for large stocks', () => {
    for (const [mean, size, stock] of [
      [50, 10, 45],
      [80, 30, 90],
      [20, 8, 60]
    ] as const) {
      const [sold] = salesOf(mean, size, stock)
      const [byHand] = salesByHand(mean, size, stock)
      assert.ok(Math.abs(sold / byHand - 1) < 0.03, `${sold} is not ${byHand}`)
    }
  })

  test('no demand sells nothing and no stock sells out', () => {
    assert.equal(salesOf(0, 5, 10), [0, 0])
    assert.equal(salesOf(5, 5, 0), [0, 1])
  })

  test('a thin margin speaks of sensitive customers, and never of impossible ones', () => {
    const sensitivity = (cost: number | null) =>
      sensitivityOf({ ...lemonade, cost: cost === null ? null : euro(cost) })
    assert.ok(sensitivity(3) > sensitivity(2))
    assert.is(sensitivity(null), 2.1)
    for (const cost of [0, 3.99, 4, 9]) {
      assert.ok(sensitivity(cost) >= 0.8 && sensitivity(cost) <= 5)
    }
    assert.is(sensitivityOf({ ...lemonade, cost: null, elasticity: 1.5 }), 1.5)
  })
})

const weightsOf = (day: Day, at = 0): Float64Array => {
  const weights = new Float64Array(KAPPA_COUNT)
  fillWeights(day, at, moodFactor(day), weights)
  return weights
}

const middleKappa = (day: Day): number =>
  weightsOf(day).reduce((sum, weight, at) => sum + weight * (KAPPAS[at] ?? 0), 0)

/** Ten windows at full and at half price in turn, selling so many each. */
const dayOfSales = (full: number, half: number, memory: Memory = emptyMemory): Day =>
  Array.from({ length: 10 }).reduce<Day>(
    (day, _, window) =>
      observe(day, {
        visitors: 20,
        sold: [window % 2 === 0 ? full : half],
        inStock: [1],
        prices: [window % 2 === 0 ? euro(4) : euro(3.2)]
      }),
    dayOf([30], { memory })
  )

const thirty = (each: number): readonly number[] => new Array<number>(30).fill(each)
const windowOf = (visitors: number, sold: readonly number[]) => ({
  visitors,
  sold,
  inStock: sold.map(() => 1),
  prices: sold.map(() => euro(4))
})

/** Thirty items that each sell so many a window. */
const dayOfThirty = (visitors: number, sold: number, windows = 10): Day =>
  Array.from({ length: windows }).reduce<Day>(
    day => observe(day, windowOf(visitors, thirty(sold))),
    dayOf(thirty(20))
  )

suite('what a day teaches', test => {
  test('nothing seen leaves the prior as it was', () => {
    weightsOf(dayOf([20])).forEach((weight, at) => {
      assert.ok(Math.abs(weight - (KAPPA_PRIOR[at] ?? 0)) < 1e-12)
    })
  })

  test('who buys more when it is cheaper is found sensitive, who does not is not', () => {
    const before = middleKappa(dayOf([30]))
    assert.ok(middleKappa(dayOfSales(1, 5)) > before)
    assert.ok(middleKappa(dayOfSales(3, 3)) < before)
  })

  test('weights are those of Bayes: a gamma rate integrated out by hand', () => {
    const day = dayOfSales(2, 4)
    const mood = moodFactor(day)
    const { shape, visits } = day.morning
    const logs = KAPPAS.map((kappa, at) => {
      const [alpha = 0, beta = 0] = [shape[0], visits[at]]
      const exposure = 5 * 20 * (1 + Math.exp(-kappa * (day.morning.sensitivity[0] ?? 0) * -0.2))
      const push = 5 * 4 * (day.morning.sensitivity[0] ?? 0) * -0.2
      const prior = Math.log(KAPPA_PRIOR[at] ?? 0)
      return (
        prior -
        kappa * push +
        alpha * Math.log(beta) -
        (alpha + 30) * Math.log(beta + mood * exposure)
      )
    })
    const most = Math.max(...logs)
    const sum = logs.reduce((total, log) => total + Math.exp(log - most), 0)
    weightsOf(day).forEach((weight, at) => {
      assert.ok(Math.abs(weight - Math.exp((logs[at] ?? 0) - most) / sum) < 1e-9)
    })
  })

  test('the next day remembers', () => {
    const memory = closeDay(dayOfSales(1, 5))
    assert.is(memory.days, 1)
    assert.ok(middleKappa(dayOf([30], { memory })) > middleKappa(dayOf([30])) + 0.1)
  })

  test('a stall that sells double has eager visitors, and a scale that was half as wrong', () => {
    const day = dayOfThirty(20, 4)
    const usual = dayOf(thirty(20), { memory: closeDay(day) })
    const share = (usual.morning.rate[3] ?? 0) / (dayOf(thirty(20)).morning.rate[3] ?? 1)
    assert.ok(moodFactor(day) > 1.6, `the mood is ${moodFactor(day)}`)
    assert.ok(share > 1.4 && share < 2, `the rate went by ${share}`)
  })

  test('what one item sells beyond what was known of it says little of the stall', () => {
    const alone = observe(dayOf(thirty(20)), windowOf(20, [30, ...thirty(2).slice(1)]))
    const all = observe(dayOf(thirty(20)), windowOf(20, thirty(3)))
    assert.ok(moodFactor(alone) < moodFactor(all))
  })

  test('without a counter the forecast stands in, and sales still tell the mood', () => {
    const blind = (sold: number) =>
      observe(dayOf([30]), { visitors: null, sold: [sold], inStock: [1], prices: [euro(4)] })
    assert.is(Math.round(visitorsLeft(blind(2))), 180)
    assert.ok(moodFactor(blind(8)) > moodFactor(blind(2)))
  })

  test('the mood makes good for a counter that counts everybody twice', () => {
    const left = (day: Day) => visitorsLeft(day) * moodFactor(day)
    assert.ok(left(dayOfThirty(40, 2, 5)) / left(dayOfThirty(20, 2, 5)) < 1.2)
  })

  test('half the visitors so far are fewer for the rest, the more the longer it lasts', () => {
    assert.is(visitorsLeft(dayOf(thirty(20))), 200)
    const after = (windows: number) =>
      visitorsLeft(dayOfThirty(10, 1, windows)) / (200 - 20 * windows)
    assert.ok(Math.abs(after(2) - (0.15 * 200 + 20) / (0.15 * 200 + 40)) < 1e-9)
    assert.ok(after(8) < after(2))
  })

  test('a forecast is followed halfway from the usual, as far as there is a usual', () => {
    const visitorsAfter = (days: number): number => {
      let memory = emptyMemory
      for (let day = 0; day < days; day++) memory = closeDay(quiet(memory))
      return visitorsLeft(dayOf(thirty(20), { memory }))
    }
    const quiet = (memory: Memory): Day =>
      Array.from({ length: 10 }).reduce<Day>(
        day => observe(day, windowOf(10, thirty(1))),
        dayOf(thirty(20), { memory })
      )
    // Half as many came as were forecast, each time; after one day the half of that is believed.
    assert.ok(Math.abs(visitorsAfter(1) - 200 * Math.sqrt(0.5)) < 1)
    assert.ok(visitorsAfter(6) < visitorsAfter(1))
    const twice = openMorning({
      memory: closeDay(quiet(emptyMemory)),
      items: dayOf(thirty(20)).morning.items,
      stock: thirty(20),
      forecast: new Array(10).fill(40)
    })
    assert.ok(Math.abs(visitorsLeft(startDay(twice)) - 400 * 0.5 ** 0.75) < 1)
  })

  test('a keeper who brings 40 of one and 10 of the rest once is believed only so far', () => {
    const { rate } = dayOf([40, ...thirty(10)]).morning
    const ratio = (rate[3] ?? 0) / (rate[3 + KAPPA_COUNT] ?? 1)
    assert.ok(ratio > 1.5 && ratio < 3.5, `sells ${ratio} times as fast`)
  })

  test("a day's sales say less about other days than there were of them", () => {
    const memory = closeDay(dayOfThirty(20, 4))
    const units = memory.sold[0] ?? 0
    assert.ok(units > 10 && units < 30, `40 units count for ${units}`)
  })

  test('what is sold out learns nothing from visitors who could not buy', () => {
    const seen = observe(dayOf([30]), { visitors: 20, sold: [0], inStock: [0], prices: [euro(4)] })
    assert.equal([...weightsOf(seen)], [...weightsOf(dayOf([30]))])
  })
})

suite('memory', test => {
  test('follows the items when the catalogue changes', () => {
    const items = ['tea', 'bao', 'soup'].map(sku => ({ ...lemonade, sku }))
    const day = observe(dayOf([10, 20, 30], { items }), {
      visitors: 20,
      sold: [1, 2, 3],
      inStock: [1, 1, 1],
      prices: [euro(4), euro(4), euro(4)]
    })
    const memory = closeDay(day)
    const moved = memoryFor(memory, ['soup', 'cake', 'tea'])
    assert.equal([...moved.sold], [memory.sold[2], 0, memory.sold[0]])
    assert.equal(
      [...moved.evidence.subarray(2 * KAPPA_COUNT)],
      [...memory.evidence.subarray(0, KAPPA_COUNT)]
    )
    assert.is(memoryFor(memory, ['tea', 'bao', 'soup']), memory)
  })

  test('stays small and finite however many days go by', () => {
    let memory = emptyMemory
    for (let days = 0; days < 200; days++) memory = closeDay(dayOfSales(5, 9, memory))
    assert.ok((memory.sold[0] ?? 0) <= 60)
    assert.ok((memory.stocks[0] ?? 0) <= 20)
    assert.ok([...memory.evidence, ...memory.exposure, memory.scale.log].every(Number.isFinite))
  })
})
