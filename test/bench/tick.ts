import { startDay } from '../../node/core/price/day.ts'
import { decidePrices } from '../../node/core/price/decide.ts'
import { takeWindow } from '../../node/core/price/inputs.ts'
import type { PricedItem, Shelf } from '../../node/core/price/item.ts'
import { niceStep } from '../../node/core/price/ladder.ts'
import { emptyMemory } from '../../node/core/price/memory.ts'
import { openMorning } from '../../node/core/price/morning.ts'
import { DEFAULT_POLICY } from '../../node/core/price/policy.ts'
import { type Money, money } from '../../node/core/sell/money.ts'
import { type Bench, median, type Row } from './measure.ts'

const WINDOWS = 20
const VISITORS = 50

/** The CPU of a price window: what was seen is learned from, and every item is priced. */
export const tick: Bench = {
  name: 'tick',
  run: async () => [tickRow(10_000, 20), tickRow(200, 2)]
}

const tickRow = (count: number, msMax: number): Row => ({
  what: `a price window of ${count.toLocaleString('en')} items (CPU)`,
  unit: 'ms',
  ours: median(dayOfTicks(count)),
  target: { of: 'ours', atMost: msMax }
})

/** The CPU of each window of a day, the first ones cold as after a restart. */
function dayOfTicks(count: number): number[] {
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
  return Array.from({ length: WINDOWS - 1 }, (_, window) => {
    const sold = stock.map(left => Math.min(left, units(0.35)))
    sold.forEach((each, at) => {
      stock[at] = (stock[at] ?? 0) - each
    })
    const shelves = prices.map((price, at) => shelfOf(price, stock[at] ?? 0))
    const told = { footfall: 45, sold, inStock: stock.map(() => 1), prices }
    const before = process.cpuUsage()
    const taken = takeWindow(day, told, DEFAULT_POLICY)
    const scene = {
      at: window * 1_800_000,
      closesAt: null,
      isCustomerThere: false,
      marketDays: 1,
      fault: null
    }
    const decided = decidePrices({ day: taken.day, shelves, scene, policy: DEFAULT_POLICY })
    const { user, system } = process.cpuUsage(before)
    day = taken.day
    prices = decided.map(({ price }) => price)
    return (user + system) / 1_000
  })
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
