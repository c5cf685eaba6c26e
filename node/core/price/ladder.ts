import type { Money } from '../sell/money.ts'
import type { Charm } from './policy.ts'

/**
 * The prices that an item may have, by number: rung k is k steps, with its charm ending already on
 * it. Guards compare rungs, so nothing is rounded once they have spoken.
 */
export interface Ladder {
  readonly step: Money
  readonly charm: Charm | null
}

/** Nobody wants to see a price creep by a cent; in currencies without cents this is 5 of them. */
const STEP_MIN = 5
/** A step near this share of list is small enough to matter little and large enough to see. */
const STEP_SHARE = 0.03

/** The roundest step near 3 % of list: 5, 10, 20, 25, 50, 100 … of the smallest coin. */
export function niceStep(list: Money): Money {
  const wanted = Math.max(STEP_MIN, list * STEP_SHARE)
  const ten = 10 ** Math.floor(Math.log10(wanted))
  const steps = [1, 2, 2.5, 5, 10].map(each => each * ten).filter(Number.isInteger)
  const distance = (step: number) => Math.abs(Math.log(step / wanted))
  return steps.reduce((best, step) => (distance(step) < distance(best) ? step : best)) as Money
}

export function priceOf({ step, charm }: Ladder, rung: number): Money {
  const price = rung * step
  if (!charm || price <= 0 || price % charm.every !== 0) return price as Money
  // A charm never reaches the rung below, or two rungs would bear one price.
  return (price - Math.min(charm.less, step - 1)) as Money
}

/** The highest rung that is not above a price. */
export function rungAtMost(ladder: Ladder, price: number): number {
  const above = Math.floor(price / ladder.step) + 1
  return priceOf(ladder, above) <= price ? above : above - 1
}

/** The lowest rung that is not below a price. */
export function rungAtLeast(ladder: Ladder, price: number): number {
  const rung = Math.ceil(price / ladder.step)
  return priceOf(ladder, rung) >= price ? rung : rung + 1
}
