import type { Money } from './money.ts'

export const LINES_MAX = 500
export const TENDERS_MAX = 20
export const QUANTITY_MAX = 1_000_000

/** One line of a basket or a sale. `sku` is null for an open item, which has a typed-in price. */
export interface Line {
  readonly sku: string | null
  readonly name: string
  readonly quantity: number
  /** The price when the first one was tapped. */
  readonly unitPrice: Money
  readonly taxClass: string
  readonly discount?: Discount
}

export interface Discount {
  readonly amount: Money
  readonly reason: string
}

export interface Tender {
  /** `cash`, or another method of the terms. */
  readonly method: string
  readonly amount: Money
  /** The card terminal's slip number, a voucher's number. */
  readonly reference?: string
}

/** A line as a till asks for it: the name and tax class come from the catalogue. */
export type WishedLine =
  | {
      readonly sku: string
      readonly quantity: number
      /** The price that the basket was promised; without it, the price in force. */
      readonly unitPrice?: Money
      readonly discount?: WishedDiscount
    }
  | {
      readonly sku: null
      readonly name: string
      readonly taxClass: string
      readonly quantity: number
      readonly unitPrice: Money
      readonly discount?: WishedDiscount
    }

/** Money off, or parts per million off: 100,000 is 10 %. */
export type WishedDiscount =
  | { readonly amount: Money; readonly reason: string }
  | { readonly ratePpm: number; readonly reason: string }
