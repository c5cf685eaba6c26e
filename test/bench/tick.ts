import { startDay } from '../../node/core/price/day.ts'
import { decidePrices } from '../../node/core/price/decide.ts'
import { takeWindow } from '../../node/core/price/inputs.ts'
import type { PricedItem, Shelf } from '../../node/core/price/item.ts'
import { niceStep } from '../../node/core/price/ladder.ts'
import { emptyMemory } from '../../node/core/price/memory.ts'
import { openMorning } from '../../node/core/price/morning.ts'
import { DEFAULT_POLICY } from '../../node/core/price/policy.ts'
import { type Money, money } from '../../node/core/sell/money.ts'
import { type Bench, median, quantile, type Row } from './measure.ts'

const WINDOWS = 20
const VISITORS = 50

/** What a stall prices between one sale and the next. */
const SLICE_ITEMS = 250

/** The CPU of a price window: what was seen is learned from, and every item is priced. */
export const tick: Bench = {
  name: 'tick',
  run: async () => {
    const large = dayOfTicks(10_000)
    const small = dayOfTicks(200)
    return [
      tickRow('a price window of 10,000 items (CPU)', median(large.ticks), 20),
      tickRow('a price window of 200 items (CPU)', median(small.ticks), 2),
      tickRow(`what holds the loop: a slice of ${SLICE_ITEMS} items, p99`, p99(large.slices), 5),
      tickRow('and taking in the window that went by, 10,000 items', median(large.taken), 5)
    ]
  }
}

const tickRow = (what: string, ours: number, msMax: number): Row => ({
  what,
  unit: 'ms',
  ours,
  target: { of: 'ours', atMost: msMax }
})

const p99 = (values: readonly number[]): number => quantile(values, 0.99)

/** The CPU of each window of a day, the first ones cold as after a restart. */
function dayOfTicks(count: number) {
  const chance = chances(7)
  const units = (mean: number): number => {
    let [left, sold] = [Math.exp(-mean), 0]
    for (let product = chance(); product > left; product *= chance()) sold += 1
    return sold
  }
  const items = Array.from({ length: count }, (_, at) => itemAt(at, chance))
  const stock = items.map(() => 1 + units(8))
  const forecast = new Array<number>(WINDOWS).fill(VISITORS)
  let day = startDay(openMorning({ memory: emptyMemory, items, stock, forecast }))
  let prices: readonly Money[] = items.map(({ list }) => list)
  const ticks: number[] = []
  const taken: number[] = []
  const slices: number[] = []
  for (let window = 0; window < WINDOWS - 1; window++) {
    const sold = stock.map(left => Math.min(left, units(0.35)))
    sold.forEach((each, at) => {
      stock[at] = (stock[at] ?? 0) - each
    })
    const shelves = prices.map((price, at) => shelfOf(price, stock[at] ?? 0))
    const told = { footfall: 45, sold, inStock: stock.map(() => 1), prices }
    const took = cpuOf(() => takeWindow(day, told, DEFAULT_POLICY))
    day = took.result.day
    const scene = { ...SCENE, at: window * 1_800_000 }
    const parts = Array.from({ length: Math.ceil(count / SLICE_ITEMS) }, (_, part) => {
      const [from, to] = [part * SLICE_ITEMS, Math.min(count, (part + 1) * SLICE_ITEMS)]
      return cpuOf(() => decidePrices({ day, shelves, scene, policy: DEFAULT_POLICY, from, to }))
    })
    prices = parts.flatMap(({ result }) => result.map(({ price }) => price))
    taken.push(took.ms)
    slices.push(...parts.map(({ ms }) => ms))
    ticks.push(parts.reduce((sum, { ms }) => sum + ms, took.ms))
  }
  return { ticks, taken, slices }
}

const SCENE = { closesAt: null, isCustomerThere: false, marketDays: 1, fault: null }

function cpuOf<Result>(work: () => Result): { readonly result: Result; readonly ms: number } {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return { result, ms: (user + system) / 1_000 }
}

function itemAt(at: number, chance: () => number): PricedItem {
  const wanted = money(Math.round(300 * 10 ** chance()))
  const step = niceStep(wanted)
  const list = money(Math.round(wanted / step) * step)
  return {
    sku: `item-${at}`,
    list,
    cost: money(Math.round(list * 0.5)),
    salvage: money(0),
    floor: null,
    cap: null,
    step,
    elasticity: null,
    mayClear: false,
    isLocked: false
  }
}

const shelfOf = (price: Money, stock: number): Shelf => ({
  price,
  changedAt: null,
  stock,
  soldEver: 9,
  isInOpenBasket: false,
  isVetoed: false
})

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
