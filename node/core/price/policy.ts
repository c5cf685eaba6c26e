import type { Money } from '../sell/money.ts'

/** The guards' parameters. Shares are of 1: 0.1 is ten per cent. */
export interface PricePolicy {
  /** The most that a price changes from one window to the next. */
  readonly changeMax: number
  /** How far from list a price may ever be. */
  readonly belowListMax: number
  readonly aboveListMax: number
  /** What must be left over the cost; null where the floor alone says how low a price may go. */
  readonly marginMin: number | null
  /** How long before closing an item that may be cleared may go below its cost. */
  readonly clearanceMs: number
  /** A price stays at least this long. */
  readonly holdMs: number
  /** The model only watches an item until it sold this often, or was on sale for so many days. */
  readonly coldSales: number
  readonly coldDays: number
  readonly charm: Charm | null
  /** The share of the people who walk by that a counter sees. */
  readonly counterShare: number
}

/** Prices that fall on a multiple of `every` end a little lower: 4.00 becomes 3.99. */
export interface Charm {
  readonly every: Money
  readonly less: Money
}

export const DEFAULT_POLICY: PricePolicy = {
  changeMax: 0.1,
  belowListMax: 0.5,
  aboveListMax: 0.6,
  marginMin: 0.1,
  clearanceMs: 120 * 60_000,
  holdMs: 60 * 60_000,
  coldSales: 5,
  coldDays: 1,
  charm: null,
  counterShare: 0.9
}
