import type { Money } from './money.ts'

/** A way to pay. Only cash gives change and may be tendered over what is due. */
export interface TenderKind {
  readonly method: string
  readonly name: string
  readonly isCash: boolean
}

/** Money given for a sale. */
export interface Tender {
  /** One of the terms' methods. */
  readonly method: string
  readonly amount: Money
  /** The card terminal's slip number, a voucher's number. */
  readonly reference?: string
}

/** The one rule of what may be over what is due, is rounded to coins and lies in the drawer. */
export const isCash = (tenders: readonly TenderKind[], method: string): boolean =>
  tenders.some(kind => kind.method === method && kind.isCash)
