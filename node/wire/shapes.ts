import type { Fact, FactOf } from '../core/entry.ts'
import { FOOTFALL_QUALITIES } from '../core/footfall.ts'
import { isId, isLogId } from '../core/id.ts'
import type { ContentKeyWrap, PreviousLog } from '../core/log.ts'
import type { Discount, Line } from '../core/sell/basket.ts'
import { type Item, STOCK_REASONS, type StockMove } from '../core/sell/item.ts'
import { type Currency, isMoney } from '../core/sell/money.ts'
import type { Closing, TenderSum } from '../core/sell/session.ts'
import type { TaxAmount, TaxClass } from '../core/sell/tax.ts'
import type { Tender, TenderKind } from '../core/sell/tender.ts'
import type { CashRounding, Terms } from '../core/sell/terms.ts'
import {
  bool,
  bytes,
  bytesOf,
  type Fields,
  hex,
  int,
  list,
  nullable,
  oneOf,
  optional,
  plain,
  record,
  type Shape,
  text,
  uint
} from './shape.ts'

/** One entry type on the wire. Odd numbers are sealed and even ones open, those to come too. */
export interface Row<Body> {
  readonly number: number
  readonly body: Shape<Body>
}

type BodyOf<Type extends Fact['type']> = Omit<FactOf<Type>, 'type'>

export const isSealedType = (number: number): boolean => number % 2 === 1

/** A field that is there and true, or missing. */
const flag = optional(plain('true', (value): value is true => value === true))
const money = plain('a whole amount of money', isMoney)
const id = hex(16, isId)
const logId = hex(8, isLogId)

const currency = record<Currency>({ code: text, exponent: uint })
const taxClass = record<TaxClass>({ id: text, name: text, ratePpm: uint, isInclusive: bool })
const cashRounding = record<CashRounding>({ step: uint, tie: oneOf('up', 'down') })
const tenderKind = record<TenderKind>({ method: text, name: text, isCash: bool })
const terms = record<Terms>({
  stallName: text,
  vendor: text,
  marketName: text,
  timezone: text,
  currency,
  taxClasses: list(taxClass),
  cashRounding,
  tenders: list(tenderKind),
  notes: list(money),
  printsReceipts: bool
})
const item = record<Item>({
  sku: text,
  name: text,
  price: money,
  taxClass: text,
  category: text,
  barcode: text,
  isShared: bool
})
const stockMove = record<StockMove>({ sku: text, change: int })
const stockReason = oneOf(...STOCK_REASONS)
const discount = record<Discount>({ amount: money, reason: text })
const line = record<Line>({
  sku: nullable(text),
  name: text,
  quantity: uint,
  unitPrice: money,
  taxClass: text,
  discount: optional(discount)
})
const taxAmount = record<TaxAmount>({
  taxClass: text,
  ratePpm: uint,
  isInclusive: bool,
  net: money,
  tax: money
})
const tender = record<Tender>({ method: text, amount: money, reference: optional(text) })
const closing = record<Closing>({
  session: uint,
  openedAt: uint,
  float: money,
  sales: uint,
  lateSales: uint,
  voids: uint,
  total: money,
  voidedTotal: money,
  discounts: money,
  rounding: money,
  tenders: list(record<TenderSum>({ method: text, amount: money })),
  taxes: list(taxAmount),
  cashMoved: money,
  cash: money,
  firstNumber: text,
  lastNumber: text,
  closedAt: uint,
  counted: money,
  grandTotal: money
})
const previousLog = record<PreviousLog>({ log: logId, size: uint, root: bytesOf(32) })
const wrap = record<ContentKeyWrap>({
  reader: bytesOf(8),
  encapsulated: bytesOf(32),
  ciphertext: bytesOf(48)
})

/** Shapes that frames, certificates and receipts share with entries. */
export const shared = {
  id,
  logId,
  money,
  previousLog,
  wrap,
  lines: list(line),
  taxes: list(taxAmount)
}

const row = <Type extends Fact['type']>(
  number: number,
  fields: Fields<BodyOf<Type>>
): Row<BodyOf<Type>> => ({ number, body: record<BodyOf<Type>>(fields) })

/** A row for each fact: the compiler names the one that was forgotten. Numbers are for ever. */
export const SHAPES: { readonly [Type in Fact['type']]: Row<BodyOf<Type>> } = {
  logOpened: row<'logOpened'>(0, {
    stall: text,
    counter: uint,
    bootId: text,
    monoMs: uint,
    previous: nullable(previousLog),
    deviceCertificate: bytes,
    logCertificate: bytes,
    wraps: list(wrap)
  }),
  clockStepped: row<'clockStepped'>(2, { monoMs: uint, stepMs: int }),
  termsSet: row<'termsSet'>(4, { terms }),
  itemListed: row<'itemListed'>(6, { item }),
  itemWithdrawn: row<'itemWithdrawn'>(8, { sku: text }),
  stockMoved: row<'stockMoved'>(10, {
    moves: list(stockMove),
    reason: stockReason,
    sale: optional(id),
    counted: optional(uint),
    wish: optional(id)
  }),
  sold: row<'sold'>(1, {
    sale: id,
    session: uint,
    number: text,
    currency: text,
    lines: list(line),
    discount: optional(discount),
    taxes: list(taxAmount),
    total: money,
    rounding: money,
    tenders: list(tender),
    change: money,
    soldAt: optional(uint),
    isLate: bool,
    isTimeUnsure: flag
  }),
  voided: row<'voided'>(3, { sale: id, session: uint, reason: text }),
  ownStockMoved: row<'ownStockMoved'>(5, {
    moves: list(stockMove),
    reason: stockReason,
    counted: optional(uint),
    wish: optional(id)
  }),
  sessionOpened: row<'sessionOpened'>(7, { session: uint, float: money, wish: optional(id) }),
  sessionClosed: row<'sessionClosed'>(9, { closing, wish: optional(id) }),
  cashMoved: row<'cashMoved'>(11, {
    session: uint,
    amount: money,
    reason: text,
    wish: optional(id)
  }),
  basketParked: row<'basketParked'>(13, {
    basket: id,
    name: text,
    lines: list(line),
    discount: optional(discount)
  }),
  basketTaken: row<'basketTaken'>(15, { basket: id, wish: optional(id) }),
  copyRequested: row<'copyRequested'>(17, { sale: id, copy: uint, wish: optional(id) }),
  printed: row<'printed'>(19, {
    sale: id,
    copy: uint,
    outcome: oneOf('printed', 'sent', 'seen', 'skipped')
  }),
  drawerOpened: row<'drawerOpened'>(21, { reason: text, wish: optional(id) }),
  footfallCounted: row<'footfallCounted'>(12, {
    sensor: text,
    from: uint,
    to: uint,
    in: nullable(uint),
    out: nullable(uint),
    unsure: uint,
    lostEdges: uint,
    quality: oneOf(...FOOTFALL_QUALITIES)
  }),
  energyUsed: row<'energyUsed'>(23, {
    device: text,
    from: uint,
    to: uint,
    onMs: uint,
    milliwattHours: uint
  }),
  membersListed: row<'membersListed'>(14, { epoch: uint, list: bytes })
}
