/**
 * Why a price moved, in money: each input is put in the place of what the morning expected of it,
 * one after the other, and what that does to the wish is its part. The parts sum to the change.
 */
import { type Currency, type Money, moneyText } from '../sell/money.ts'
import { type Day, startDay } from './day.ts'
import { outlooks, type Slice } from './decide.ts'
import { KAPPA_COUNT } from './demand.ts'
import { type Asked, guard, ladderOf, type PriceReason } from './guard.ts'
import { unitsSold, wishOf } from './wish.ts'

export interface Explanation {
  readonly sku: string
  readonly before: Money
  readonly price: Money
  readonly reason: PriceReason
  /** None where the price stays. */
  readonly parts: readonly Part[]
  /** Since the morning, of `sold + left`. */
  readonly sold: number
  readonly left: number
  /** Units that the rest of the day should sell at either price. */
  readonly soldAtBefore: number
  readonly soldAtPrice: number
}

/** What an input did to the price. */
export interface Part {
  readonly input: 'plan' | 'visitors' | 'sales' | 'stock' | 'limits'
  readonly change: Money
}

export function explain({ day, shelves, scene, policy }: Slice, at: number): Explanation {
  const item = day.morning.items[at]
  const shelf = shelves[at]
  if (!item || !shelf) throw new RangeError(`There is no item ${at} in this day`)
  const { price, reason } = guard({ item, shelf, scene, policy }, limits =>
    wishOf(outlooks(day)(at, shelf), ladderOf(item, policy), limits)
  )
  const outlook = outlooks(day)(at, shelf)
  return {
    sku: item.sku,
    before: shelf.price,
    price,
    reason,
    parts: price === shelf.price ? [] : partsOf({ item, shelf, scene, policy }, day, at, price),
    sold: day.seen.sold[at] ?? 0,
    left: shelf.stock ?? 0,
    soldAtBefore: unitsSold(outlook, shelf.price),
    soldAtPrice: unitsSold(outlook, price)
  }
}

function partsOf(asked: Asked, day: Day, at: number, price: Money): readonly Part[] {
  const { item, shelf } = asked
  const policy = { ...asked.policy, changeMax: 1 }
  const wished = (seen: Day, stock: number): number => {
    const then = { ...shelf, stock }
    return guard({ ...asked, policy, shelf: then }, limits =>
      wishOf(outlooks(seen)(at, then), ladderOf(item, policy), limits)
    ).wished
  }
  const left = shelf.stock ?? 0
  const opened = day.morning.stock[at] ?? left
  const planned = Math.max(1, Math.round(opened - expectedSoFar(day, at)))
  const steps: readonly [Part['input'], number][] = [
    ['plan', wished(asPlanned(day), planned)],
    ['visitors', wished(withVisitors(day), planned)],
    ['sales', wished(day, planned)],
    ['stock', wished(day, left)],
    ['limits', price]
  ]
  let from: number = shelf.price
  return steps.map(([input, to]) => {
    const change = (to - from) as Money
    from = to
    return { input, change }
  })
}

/** The same hour of a day that went as the morning thought. */
function asPlanned({ morning, seen }: Day): Day {
  const planned = startDay(morning)
  return { morning, seen: { ...planned.seen, windows: seen.windows } }
}

/** The same, with the visitors that really came. */
function withVisitors({ morning, seen }: Day): Day {
  const planned = asPlanned({ morning, seen })
  const { windowsCounted, visitors, forecast } = seen
  return { morning, seen: { ...planned.seen, windowsCounted, visitors, forecast } }
}

/** Units that the morning expected to be sold by now, at list. */
function expectedSoFar({ morning, seen }: Day, at: number): number {
  const visitors = morning.forecast.slice(0, seen.windows).reduce((sum, each) => sum + each, 0)
  const rates = morning.rate.subarray(at * KAPPA_COUNT, (at + 1) * KAPPA_COUNT)
  return visitors * rates.reduce((sum, each) => sum + each, 0)
}

const whole = (units: number): string => String(Math.round(units))

/** "Lemonade 4.00 → 3.60: 7 of 20 sold, we expect 6 more at 4.00 but 10 at 3.60; 13 are left." */
export function explanationText(
  explanation: Explanation,
  { name, currency }: { readonly name: string; readonly currency: Currency }
): string {
  const { before, price, sold, left, soldAtBefore, soldAtPrice } = explanation
  const [old, fresh] = [moneyText(before, currency), moneyText(price, currency)]
  const so = `${whole(sold)} of ${whole(sold + left)} sold`
  if (before === price) return `${name} stays at ${old}: ${so}; ${whole(left)} are left.`
  const more = `${whole(soldAtBefore)} more at ${old} but ${whole(soldAtPrice)} at ${fresh}`
  return `${name} ${old} → ${fresh}: ${so}, we expect ${more}; ${whole(left)} are left.`
}
