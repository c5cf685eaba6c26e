import type { Money } from '../sell/money.ts'

/** An item as the price window sees it. */
export interface PricedItem {
  readonly sku: string
  /** The keeper's own price: where a day opens, and what every limit is measured from. */
  readonly list: Money
  /** What a unit costs; null when nobody said. */
  readonly cost: Money | null
  /** What a unit is worth that is left at the end of the day: 0 for bread. */
  readonly salvage: Money
  /** The keeper's own bounds; null for none. */
  readonly floor: Money | null
  readonly cap: Money | null
  /** Prices are multiples of it, but for their charm endings. */
  readonly step: Money
  /** How elastic demand was for such items at other markets; null when nobody knows. */
  readonly elasticity: number | null
  /** What does not keep may go below its cost before closing, down to its salvage. */
  readonly mayClear: boolean
  /** Drops, deposits and quotes of a waiting list: the price was promised. */
  readonly isLocked: boolean
}

/** How an item stands when a price is decided. */
export interface Shelf {
  readonly price: Money
  /** When the price last changed, in ms since 1970; null when it is as the day opened. */
  readonly changedAt: number | null
  /** Null when nobody counted it. */
  readonly stock: number | null
  /** Units sold since the model began to watch. */
  readonly soldEver: number
  readonly isInOpenBasket: boolean
  /** The keeper said hands off for today. */
  readonly isVetoed: boolean
}

/** What is the same for all items of a stall when prices are decided. */
export interface Scene {
  /** Now, in ms since 1970. */
  readonly at: number
  /** When the stall closes; null when nobody said. */
  readonly closesAt: number | null
  /** Somebody stands at the stall; null when no sensor can say. */
  readonly isCustomerThere: boolean | null
  /** Whole market days that the model has watched. */
  readonly marketDays: number
  /** What is wrong with the window's inputs; then every price holds. */
  readonly fault: InputFault | null
}

/** Why the inputs of a window are not believed. */
export type InputFault =
  | 'inputs-missing'
  | 'inputs-stale'
  | 'clock-jumped'
  | 'window-interrupted'
  | 'footfall-unreadable'
  | 'footfall-from-future'
  | 'footfall-doubled'
  | 'footfall-missed'
  | 'too-many-items'
  | 'prior-damaged'
  | 'prior-older'
