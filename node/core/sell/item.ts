import type { Money } from './money.ts'

/** What a stall sells, as its catalogue lists it. */
export interface Item {
  readonly sku: string
  readonly name: string
  readonly price: Money
  readonly taxClass: string
  /** The till's tab; empty for none. */
  readonly category: string
  /** EAN, UPC or the stall's own code; empty for none. */
  readonly barcode: string
  /** Its stock is the market's business: open to every stall. Otherwise only its vendor reads it. */
  readonly isShared: boolean
}

export const STOCK_REASONS = ['opening', 'received', 'counted', 'wasted', 'sold', 'voided'] as const
export type StockReason = (typeof STOCK_REASONS)[number]

/** At or under this many left, the tile says "3 left" in the warning colour. */
export const LOW_STOCK_MAX = 5
