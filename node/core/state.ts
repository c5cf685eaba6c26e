import type { EntryOf } from './entry.ts'
import type { Id, LogId } from './id.ts'
import type { Item } from './sell/item.ts'
import type { Money } from './sell/money.ts'
import type { Discount, Line } from './sell/sale.ts'
import type { Closing, Session } from './sell/session.ts'
import type { Terms } from './sell/terms.ts'
import type { Table } from './table.ts'
import type { Place } from './time.ts'

/** All that a stall knows of itself, folded from its entries. Never changed in place. */
export interface Stall {
  readonly terms: Terms
  readonly log: OpenLogState
  readonly items: Table<StockedItem>
  /** Every sale there ever was, by its id: so none is ever booked twice. */
  readonly sales: Table<SaleRecord>
  /** The newest sales in full, oldest first; at most RECENT_MAX. */
  readonly recent: readonly EntryOf<'sold'>[]
  readonly session: Session | null
  readonly lastSession: number
  readonly lastClosedAt: number
  /** Z reports, oldest first; at most CLOSINGS_MAX, the ledger keeps the rest. */
  readonly closings: readonly Closing[]
  readonly grandTotal: Money
  /** Balances by account; debits positive. They sum to zero at any time. */
  readonly accounts: Readonly<Record<string, Money>>
  readonly parked: readonly ParkedBasket[]
  /** Receipts to print that have no `printed` entry yet, oldest first; at most DUE_MAX. */
  readonly due: readonly DueReceipt[]
}

export interface OpenLogState {
  readonly log: LogId
  readonly stall: string
  readonly counter: number
  /** How many receipts the log has numbered. */
  readonly receipts: number
}

export interface StockedItem extends Item {
  readonly stock: number
  /** Prices that were shown, newest first, with the time each came into force; at most PRICES_MAX. */
  readonly prices: readonly { readonly price: Money; readonly from: number }[]
}

export interface SaleRecord extends Place {
  readonly isVoided: boolean
  /** The newest copy asked for; 1 is the receipt itself. */
  readonly copies: number
}

export interface ParkedBasket {
  readonly basket: Id
  readonly name: string
  readonly at: number
  readonly lines: readonly Line[]
  readonly discount?: Discount
}

export interface DueReceipt {
  readonly sale: Id
  readonly copy: number
}

export const RECENT_MAX = 500
export const CLOSINGS_MAX = 400
export const DUE_MAX = 500
export const PARKED_MAX = 50
export const PRICES_MAX = 8
export const ITEMS_MAX = 10_000
