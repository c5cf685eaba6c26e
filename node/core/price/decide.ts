/**
 * The price window: from a day as the model believes it and the shelves as they stand to a price
 * and a reason for each item. Items are priced in slices, so that no slice keeps a sale waiting.
 */
import type { Money } from '../sell/money.ts'
import { type Day, fillWeights, moodFactor, visitorsLeft } from './day.ts'
import { KAPPA_COUNT } from './demand.ts'
import { guard, ladderOf, type PriceReason } from './guard.ts'
import type { Scene, Shelf } from './item.ts'
import type { PricePolicy } from './policy.ts'
import { type Outlook, wishOf } from './wish.ts'

export interface Decision {
  readonly sku: string
  readonly before: Money
  readonly price: Money
  /** What the model would have done, also where it only watches; the price where it has no view. */
  readonly wished: number
  readonly reason: PriceReason
}

export interface Slice {
  readonly day: Day
  /** One for each item of the day. */
  readonly shelves: readonly Shelf[]
  readonly scene: Scene
  readonly policy: PricePolicy
  /** The first item to price, and the first one not to. */
  readonly from?: number
  readonly to?: number
}

export function decidePrices({
  day,
  shelves,
  scene,
  policy,
  from = 0,
  to = day.morning.items.length
}: Slice): Decision[] {
  const outlookOf = outlooks(day)
  const decisions: Decision[] = []
  for (let at = from; at < to; at++) {
    const item = day.morning.items[at]
    const shelf = shelves[at]
    if (!item || !shelf) break
    const { price, reason, wished } = guard({ item, shelf, scene, policy }, limits =>
      wishOf(outlookOf(at, shelf), ladderOf(item, policy), limits)
    )
    decisions.push({ sku: item.sku, before: shelf.price, price, wished, reason })
  }
  return decisions
}

/** The outlook of each item of a day; arrays are reused from one item to the next. */
export function outlooks(day: Day): (at: number, shelf: Shelf) => Outlook {
  const { morning, seen } = day
  const mood = moodFactor(day)
  const left = visitorsLeft(day) * mood
  const windowsLeft = Math.max(1, morning.forecast.length - seen.windows)
  const weights = new Float64Array(KAPPA_COUNT)
  const asked = new Float64Array(KAPPA_COUNT)
  const demand = new Float64Array(KAPPA_COUNT)
  const sales = new Float64Array(2)
  return (at, { price, stock }) => {
    const item = morning.items[at]
    if (!item) throw new RangeError(`There is no item ${at} in this day`)
    fillWeights(day, at, mood, weights)
    const shape = (morning.shape[at] ?? 0) + (seen.sold[at] ?? 0)
    for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
      const place = at * KAPPA_COUNT + kappa
      const visits = (morning.visits[place] ?? 0) + mood * (seen.exposure[place] ?? 0)
      asked[kappa] = (left * shape) / visits
    }
    return {
      list: item.list,
      salvage: item.salvage,
      price,
      stock: stock ?? 0,
      sensitivity: morning.sensitivity[at] ?? 0,
      weights,
      asked,
      demand,
      sales,
      shape,
      windowsLeft,
      worth: morning.worth
    }
  }
}
