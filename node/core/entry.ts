import type { Id, LogId } from './id.ts'
import type { Item, StockReason } from './sell/item.ts'
import type { Money } from './sell/money.ts'
import type { Discount, Line, Tender } from './sell/sale.ts'
import type { Closing } from './sell/session.ts'
import type { TaxAmount } from './sell/tax.ts'
import type { Terms } from './sell/terms.ts'
import type { Stamp } from './time.ts'

/** A fact with its place in a log. The ledger holds these and nothing else. */
export type Entry = Stamp & Fact
export type EntryOf<Type extends Fact['type']> = Extract<Entry, { readonly type: Type }>

/** Everything that can have happened at a stall. `wire/shapes.ts` has a row for each. */
export type Fact =
  | LogOpened
  | ClockStepped
  | TermsSet
  | ItemListed
  | ItemWithdrawn
  | StockMoved
  | OwnStockMoved
  | SessionOpened
  | SessionClosed
  | CashMoved
  | Sold
  | Voided
  | BasketParked
  | BasketTaken
  | CopyRequested
  | Printed

/** A boot began a new log. The certificates are COSE_Sign1, checked by `identity` and `verify`. */
export interface LogOpened {
  readonly type: 'logOpened'
  readonly stall: string
  /** Counts this device's logs from 1. */
  readonly counter: number
  readonly bootId: string
  /** The monotonic clock when `at` was read, so that times in this log can be mapped again later. */
  readonly monoMs: number
  /** Where this device's log before this one ended, as far as this disk knows. */
  readonly previous: {
    readonly log: LogId
    readonly size: number
    readonly root: Uint8Array
  } | null
  /** The market key's word on the device key. */
  readonly deviceCertificate: Uint8Array
  /** The device key's word on the log key. */
  readonly logCertificate: Uint8Array
  /** The log's content key, wrapped once for each reader (HPKE, RFC 9180). */
  readonly wraps: readonly ContentKeyWrap[]
}

export interface ContentKeyWrap {
  /** SHA-256 of the reader's public key, first eight bytes. */
  readonly reader: Uint8Array
  readonly encapsulated: Uint8Array
  readonly ciphertext: Uint8Array
}

/** The wall clock jumped ahead and the stall's clock followed. */
export interface ClockStepped {
  readonly type: 'clockStepped'
  readonly monoMs: number
  readonly stepMs: number
}

/** The rules in force from here on: currency, tax classes, rounding, printing. */
export interface TermsSet {
  readonly type: 'termsSet'
  readonly terms: Terms
}

/** An item is for sale at this price from here on; also how a price changes. */
export interface ItemListed {
  readonly type: 'itemListed'
  readonly item: Item
}

export interface ItemWithdrawn {
  readonly type: 'itemWithdrawn'
  readonly sku: string
}

export interface StockMove {
  readonly sku: string
  readonly change: number
}

/** Stock that the market shares moved; every stall may read it. */
export interface StockMoved {
  readonly type: 'stockMoved'
  readonly moves: readonly StockMove[]
  readonly reason: StockReason
  /** The sale that moved it, where one did. */
  readonly sale?: Id
}

/** Stock that the stall keeps to itself moved. Sales move it too, without this entry. */
export interface OwnStockMoved {
  readonly type: 'ownStockMoved'
  readonly moves: readonly StockMove[]
  readonly reason: StockReason
}

export interface SessionOpened {
  readonly type: 'sessionOpened'
  readonly session: number
  readonly float: Money
}

/** The Z report: numbered, never changed. */
export interface SessionClosed {
  readonly type: 'sessionClosed'
  readonly closing: Closing
}

/** Cash put into the drawer (positive) or taken out (negative) outside a sale. */
export interface CashMoved {
  readonly type: 'cashMoved'
  readonly session: number
  readonly amount: Money
  readonly reason: string
}

export interface Sold {
  readonly type: 'sold'
  readonly sale: Id
  readonly session: number
  /** Stall, log counter, count in the log, mark of the log: `12-3-57-K7`. Never used twice. */
  readonly number: string
  readonly currency: string
  readonly lines: readonly Line[]
  /** On the whole basket, after the lines' own discounts. */
  readonly discount?: Discount
  readonly taxes: readonly TaxAmount[]
  /** What the goods cost, with tax, before cash rounding. */
  readonly total: Money
  /** Added to the total to reach a sum that coins can pay. */
  readonly rounding: Money
  readonly tenders: readonly Tender[]
  readonly change: Money
  /** When the tablet took the money, if that was before this entry was made. */
  readonly soldAt?: number
  /** The session it was sold in had closed before it arrived. */
  readonly isLate: boolean
}

export interface Voided {
  readonly type: 'voided'
  readonly sale: Id
  readonly session: number
  readonly reason: string
}

/** A basket set aside for later, with the prices it was promised. */
export interface BasketParked {
  readonly type: 'basketParked'
  readonly basket: Id
  readonly name: string
  readonly lines: readonly Line[]
  readonly discount?: Discount
}

/** A parked basket was taken back to a till, or given up. */
export interface BasketTaken {
  readonly type: 'basketTaken'
  readonly basket: Id
}

export interface CopyRequested {
  readonly type: 'copyRequested'
  readonly sale: Id
  /** 1 is the receipt itself, 2 the first reprint, marked "COPY 2". */
  readonly copy: number
}

/**
 * How printing ended. `printed`: the printer answered the fence. `sent`: a printer that cannot
 * answer took the bytes. `seen` and `skipped`: the keeper said so.
 */
export interface Printed {
  readonly type: 'printed'
  readonly sale: Id
  readonly copy: number
  readonly outcome: 'printed' | 'sent' | 'seen' | 'skipped'
}
