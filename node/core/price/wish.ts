/**
 * The price that earns most, as far as one item's outlook can tell: one window at that price, and
 * the best single price from then on.
 */
import { fillDemand, fillSales, KAPPA_COUNT } from './demand.ts'
import { type Ladder, priceOf, rungAtLeast, rungAtMost } from './ladder.ts'

/** What the rest of the day may bring for one item. */
export interface Outlook {
  readonly list: number
  readonly salvage: number
  readonly price: number
  readonly stock: number
  readonly sensitivity: number
  /** Per kappa: how likely it is, and the units that would be asked for at list. */
  readonly weights: Float64Array
  readonly asked: Float64Array
  /** Room to reckon in, the same for every item. */
  readonly demand: Float64Array
  readonly sales: Float64Array
  /** How sure the rate is: the shape of its gamma distribution. */
  readonly shape: number
  readonly windowsLeft: number
  /** What an item of this stall brings in a day on average, over salvage. */
  readonly worth: number
}

/** A gain counts for this many windows; then there is another chance to decide. */
const GAIN_WINDOWS = 4
/** What a change must earn, of an average item's day and of what this item may still bring. */
const WORTH_SHARE = 0.0025
const VALUE_SHARE = 0.0045

/** Looks from rung to rung, for takings rise to one peak and fall from there. */
export function wishOf(outlook: Outlook, ladder: Ladder, { lowest, highest }: Reach): number {
  const { price, salvage, sales } = outlook
  const value = (at: number): number => (at - salvage) * unitsSold(outlook, at)
  const best = climb({ ladder, lowest, highest, from: price, value })
  const bestValue = value(best)
  // A unit that sells now may be missed later, at what the best single price would bring for it.
  const missed = (best - salvage) * (sales[1] ?? 0)
  const now = (at: number): number => (at - salvage - missed) * unitsAsked(outlook, at)
  const wish = climb({ ladder, lowest, highest, from: best, value: now })
  const gain = (now(wish) - now(price)) * Math.min(1, GAIN_WINDOWS / outlook.windowsLeft)
  return gain >= WORTH_SHARE * outlook.worth + VALUE_SHARE * bestValue ? wish : price
}

/** The lowest and highest rung to choose from. */
interface Reach {
  readonly lowest: number
  readonly highest: number
}

/** Units that the rest of the day should sell at a price, with the stock that there is. */
export function unitsSold(outlook: Outlook, price: number): number {
  const mean = unitsAsked(outlook, price)
  fillSales(outlook.sales, mean, sizeOf(outlook, mean), outlook.stock)
  return outlook.sales[0] ?? 0
}

/** Units that will be asked for at a price, in the mean. Leaves those of each kappa in `demand`. */
function unitsAsked({ list, sensitivity, weights, asked, demand }: Outlook, price: number): number {
  fillDemand(demand, sensitivity * (price / list - 1))
  let mean = 0
  for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
    const units = (asked[kappa] ?? 0) * (demand[kappa] ?? 0)
    demand[kappa] = units
    mean += (weights[kappa] ?? 0) * units
  }
  return mean
}

/** 1 / the squared spread of all that is unsure about the mean that was found last. */
function sizeOf({ weights, demand, shape }: Outlook, mean: number): number {
  if (mean <= 0) return shape
  let square = 0
  for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
    square += (weights[kappa] ?? 0) * (demand[kappa] ?? 0) ** 2
  }
  return 1 / (1 / shape + Math.max(0, square / (mean * mean) - 1))
}

function climb({
  ladder,
  lowest,
  highest,
  from,
  value
}: Reach & {
  readonly ladder: Ladder
  readonly from: number
  readonly value: (price: number) => number
}): number {
  let best = from
  let most = value(from)
  const isBetter = (price: number): boolean => {
    const here = value(price)
    if (here <= most) return false
    best = price
    most = here
    return true
  }
  let up = Math.max(lowest, rungAtMost(ladder, from) + 1)
  while (up <= highest && isBetter(priceOf(ladder, up))) up += 1
  if (best !== from) return best
  let down = Math.min(highest, rungAtLeast(ladder, from) - 1)
  while (down >= lowest && isBetter(priceOf(ladder, down))) down -= 1
  return best
}
