/**
 * What no model may do, whatever it wishes: one pure function between a wish and a price tag. The
 * model is told how far it may go, and is not trusted to have listened.
 */
import type { Money } from '../sell/money.ts'
import type { InputFault, PricedItem, Scene, Shelf } from './item.ts'
import { type Ladder, priceOf, rungAtLeast, rungAtMost } from './ladder.ts'
import type { PricePolicy } from './policy.ts'

/** Why a price stays, whatever the model wishes. */
export type HoldReason =
  | InputFault
  | 'bad-item'
  | 'free-item'
  | 'cost-above-list'
  | 'limits-cross'
  | 'price-promised'
  | 'vetoed'
  | 'stock-unknown'
  | 'sold-out'
  | 'cold-start'
  | 'hold-time'
  | 'customer-there'
  | 'in-open-basket'
  | 'wish-unreadable'
  | 'step-too-large'

/** Why a price is what it is. */
export type PriceReason =
  | HoldReason
  /** As the model wished, with room to spare. */
  | 'as-wished'
  /** The model wished for no other price. */
  | 'best-already'
  /** As far as it may go, which may be as far as was wished. */
  | LimitReason

export interface Asked {
  readonly item: PricedItem
  readonly shelf: Shelf
  readonly scene: Scene
  readonly policy: PricePolicy
}

export interface Verdict {
  readonly price: Money
  readonly reason: PriceReason
  /** What the model would have done; the price itself where it was not asked. */
  readonly wished: number
}

type LimitReason = 'window-limit' | 'list-limit' | 'floor' | 'cap'

/** How far a price may go in this window, in rungs of its ladder, and what ends it there. */
export interface Limits {
  readonly lowest: number
  readonly highest: number
  readonly lowestBy: LimitReason
  readonly highestBy: LimitReason
  /** The price stands outside its bounds, as when the keeper has just drawn them. */
  readonly out: 'too-low' | 'too-high' | undefined
}

/** What a model wishes for, told how far it may go. Whatever it says is believed only so far. */
export type WishWithin = (limits: Limits) => number

/** Rounding of shares must not cost a rung: 10 % of 4.00 is 0.40. */
const ROUNDING = 1e-9

export function guard(asked: Asked, wishWithin: WishWithin): Verdict {
  const { item, shelf, scene, policy } = asked
  const held = holdOf(asked)
  if (held !== undefined && held !== 'cold-start') return stay(shelf.price, held)
  const limits = limitsOf(asked)
  if (limits.lowest > limits.highest) return stay(shelf.price, 'step-too-large')
  const wished = wishWithin(limits)
  const verdict = (reason: PriceReason, price = shelf.price) => ({ price, reason, wished })
  if (!Number.isFinite(wished)) return stay(shelf.price, 'wish-unreadable')
  // A cold item is watched with open eyes: what the model would do is told, and not done.
  if (held) return verdict(held)
  const { out } = limits
  if (wished === shelf.price && !out) return verdict('best-already')
  const ladder = ladderOf(item, policy)
  const nearest = nearestRung(ladder, wished)
  const rung = Math.min(limits.highest, Math.max(limits.lowest, nearest))
  const price = priceOf(ladder, rung)
  const isRise = price > shelf.price
  const side = out === 'too-high' || (!out && wished > shelf.price) ? 'highest' : 'lowest'
  const reason = rung === limits[side] ? limits[`${side}By`] : 'as-wished'
  if (price === shelf.price) return verdict(reason === 'as-wished' ? 'best-already' : reason)
  // A wish between two rungs is no reason to move away from it.
  if (!out && isRise !== wished > shelf.price) return verdict('best-already')
  if (out && isRise !== (out === 'too-low')) return verdict('step-too-large')
  if (isRise && scene.isCustomerThere === true) return verdict('customer-there')
  if (isRise && shelf.isInOpenBasket) return verdict('in-open-basket')
  return verdict(reason, price)
}

const stay = (price: Money, reason: PriceReason): Verdict => ({ price, reason, wished: price })

/** Why this price stays before anybody wished for another; undefined when it may move. */
function holdOf(asked: Asked): HoldReason | undefined {
  const { item, shelf, scene, policy } = asked
  if (scene.fault) return scene.fault
  if (!isPriceable(item, shelf)) return 'bad-item'
  if (item.list === 0) return 'free-item'
  if (item.isLocked) return 'price-promised'
  if (shelf.isVetoed) return 'vetoed'
  const isCostly = policy.marginMin !== null && item.cost !== null && item.cost >= item.list
  if (isCostly) return 'cost-above-list'
  const { lowest, highest } = boundsOf(asked)
  if (lowest > highest) return 'limits-cross'
  if (shelf.stock === null) return 'stock-unknown'
  if (shelf.stock <= 0) return 'sold-out'
  if (shelf.soldEver < policy.coldSales && scene.marketDays < policy.coldDays) return 'cold-start'
  if (shelf.changedAt !== null && scene.at - shelf.changedAt < policy.holdMs) return 'hold-time'
  return undefined
}

const isPriceable = ({ list, cost, salvage, step, floor, cap }: PricedItem, shelf: Shelf) =>
  [list, shelf.price, salvage, step, cost ?? 0, floor ?? 0, cap ?? 0].every(
    each => Number.isSafeInteger(each) && each >= 0
  ) &&
  step > 0 &&
  (list === 0 || shelf.price > 0) &&
  (shelf.stock === null || Number.isSafeInteger(shelf.stock))

/** The lowest and highest rung that this window may reach. */
function limitsOf(asked: Asked): Limits {
  const { item, shelf, policy } = asked
  const ladder = ladderOf(item, policy)
  const { price } = shelf
  const bounds = boundsOf(asked)
  const out = price < bounds.lowest ? 'too-low' : price > bounds.highest ? 'too-high' : undefined
  const least = rungAtLeast(ladder, bounds.lowest)
  const most = rungAtMost(ladder, bounds.highest)
  const down = rungAtLeast(ladder, price * (1 - policy.changeMax) - ROUNDING)
  const up = rungAtMost(ladder, price * (1 + policy.changeMax) + ROUNDING)
  // Bounds that the keeper has just drawn are walked to, a window at a time.
  const lowest = out === 'too-low' ? Math.min(least, up) : Math.max(least, down)
  const highest = out === 'too-high' ? Math.max(most, down) : Math.min(most, up)
  return {
    lowest,
    highest,
    lowestBy: lowest === least ? bounds.lowestBy : 'window-limit',
    highestBy: highest === most ? bounds.highestBy : 'window-limit',
    out
  }
}

export const ladderOf = ({ step }: PricedItem, { charm }: PricePolicy): Ladder => ({ step, charm })

/** Where an item's price may stand by now. */
function boundsOf({ item, scene, policy }: Asked) {
  const { list, cost, salvage, floor, cap } = item
  const isClearing =
    item.mayClear && scene.closesAt !== null && scene.closesAt - scene.at <= policy.clearanceMs
  const hasMargin = policy.marginMin !== null && cost !== null && !isClearing
  const margin = hasMargin ? cost * (1 + (policy.marginMin ?? 0)) : 0
  const least = list * (1 - policy.belowListMax)
  const most = list * (1 + policy.aboveListMax)
  const own = Math.max(floor ?? 0, salvage, margin)
  return {
    lowest: Math.max(own, least) - ROUNDING,
    highest: Math.min(cap ?? most, most) + ROUNDING,
    lowestBy: own >= least ? ('floor' as const) : ('list-limit' as const),
    highestBy: cap !== null && cap <= most ? ('cap' as const) : ('list-limit' as const)
  }
}

function nearestRung(ladder: Ladder, wish: number): number {
  const below = rungAtMost(ladder, wish)
  const isNearerAbove = priceOf(ladder, below + 1) - wish < wish - priceOf(ladder, below)
  return isNearerAbove ? below + 1 : below
}
