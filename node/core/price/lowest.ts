/**
 * The lowest price of 30 days: "was 4.00, now 3.60" may be said only against the lowest price that
 * was in force in the 30 days before the reduction (Directive 98/6/EC, Article 6a). A stall that
 * prints a price alone claims no reduction; whoever wants to say more must ask here.
 */
import type { Money } from '../sell/money.ts'

export interface ShownPrices {
  readonly price: Money
  /** Since when it is in force, in ms since 1970. */
  readonly from: number
  /**
   * Earlier prices and when each ended, oldest first and cheapest first: one that ended before a
   * cheaper one did can never be the lowest again, and is dropped.
   */
  readonly earlier: readonly { readonly price: Money; readonly until: number }[]
}

export const REDUCTION_DAYS = 30
const DAY_MS = 24 * 60 * 60_000

export const firstShown = (price: Money, at: number): ShownPrices => ({
  price,
  from: at,
  earlier: []
})

/** The same prices after another came into force. Never grows past the prices of a ladder. */
export function showPrice(shown: ShownPrices, price: Money, at: number): ShownPrices {
  if (price === shown.price) return shown
  const since = at - REDUCTION_DAYS * DAY_MS
  const kept = shown.earlier.filter(each => each.until > since && each.price < shown.price)
  return { price, from: at, earlier: [...kept, { price: shown.price, until: at }] }
}

/** The lowest price of the 30 days before the present one came; null when nothing was shown. */
export function lowestBefore({ from, earlier }: ShownPrices): Money | null {
  const since = from - REDUCTION_DAYS * DAY_MS
  return earlier.find(({ until }) => until > since)?.price ?? null
}

/** The price to name as "was"; null when the present one is no reduction. */
export function wasPrice(shown: ShownPrices): Money | null {
  const lowest = lowestBefore(shown)
  return lowest !== null && shown.price < lowest ? lowest : null
}
