import { isId } from '../../core/id.ts'
import type { Health, HealthState, PrintingView, PrintJob } from '../../core/ports.ts'
import type { Line, ParkedBasket, WishedDiscount } from '../../core/sell/basket.ts'
import { type Currency, isMoney } from '../../core/sell/money.ts'
import type { Session, TenderSum } from '../../core/sell/session.ts'
import type { TaxAmount, TaxClass } from '../../core/sell/tax.ts'
import type { Tender, TenderKind } from '../../core/sell/tender.ts'
import type { CashRounding, Terms } from '../../core/sell/terms.ts'
import type { TillItem, TillSale, TillView } from '../../core/till.ts'
import { type Basket, type BasketLine, fits } from './basket.ts'
import type { Parcel, SaleLine, SaleParcel, VoidParcel } from './parcel.ts'
import type { Trouble } from './request.ts'

/**
 * What a till noted on this tablet, read back. A till of another age may have written it, so every
 * field is looked at; a field that joins a type does not compile until it is looked at here.
 */
export function readNote<Value>(
  text: string | null,
  isSo: (value: unknown) => value is Value
): Value | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isSo(value) ? value : null
  } catch {
    return null
  }
}

export const isBasket = (value: unknown): value is Basket => BASKET(value) && fits(value as Basket)
export const isParcel = (value: unknown): value is Parcel => SALE(value) || VOID(value)
export const isView = (value: unknown): value is TillView => VIEW(value)

type Check = (value: unknown) => boolean

const fields =
  <Value>(checks: { readonly [Name in keyof Value]-?: Check }): Check =>
  value =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Check>(checks).every(([name, isSo]) =>
      isSo((value as Readonly<Record<string, unknown>>)[name])
    )
const list =
  (isSo: Check): Check =>
  value =>
    Array.isArray(value) && value.every(isSo)
const either =
  (...checks: readonly Check[]): Check =>
  value =>
    checks.some(isSo => isSo(value))
const one =
  (...values: readonly unknown[]): Check =>
  value =>
    values.includes(value)
const maybe = (isSo: Check): Check => either(one(undefined), isSo)

const isText: Check = value => typeof value === 'string'
const isNumber: Check = value => Number.isFinite(value)
const isYesOrNo: Check = value => typeof value === 'boolean'
const isTextOrNull = either(isText, one(null))
const isPrice: Check = value => isMoney(value) && value >= 0
const isQuantity: Check = value => isMoney(value) && value > 0

const AMOUNT_OFF = fields<Extract<WishedDiscount, { readonly amount: unknown }>>({
  amount: isPrice,
  reason: isText
})
const RATE_OFF = fields<Extract<WishedDiscount, { readonly ratePpm: unknown }>>({
  ratePpm: isPrice,
  reason: isText
})
const LINE = {
  sku: isTextOrNull,
  name: isText,
  quantity: isQuantity,
  unitPrice: isPrice,
  taxClass: isText
}
const SOLD_LINE = fields<SaleLine & Line>({ ...LINE, discount: maybe(AMOUNT_OFF) })
const BASKET = fields<Basket>({
  id: either(isId, one(null)),
  lines: list(
    fields<BasketLine>({ ...LINE, key: isText, discount: maybe(either(AMOUNT_OFF, RATE_OFF)) })
  ),
  discount: maybe(either(AMOUNT_OFF, RATE_OFF))
})

const TENDER = fields<Tender>({ method: isText, amount: isMoney, reference: maybe(isText) })
const TROUBLE = fields<Trouble>({ problem: isText, detail: isText, fix: isText })
const SALE = fields<SaleParcel>({
  kind: one('sale'),
  key: isId,
  at: isNumber,
  lines: list(SOLD_LINE),
  discount: maybe(AMOUNT_OFF),
  tenders: list(TENDER),
  total: isMoney,
  change: isMoney,
  trouble: maybe(TROUBLE)
})
const VOID = fields<VoidParcel>({
  kind: one('void'),
  key: isText,
  sale: isId,
  at: isNumber,
  reason: isText,
  afterMs: isNumber,
  trouble: maybe(TROUBLE)
})

const TERMS = fields<Terms>({
  stallName: isText,
  vendor: isText,
  marketName: isText,
  timezone: isText,
  currency: fields<Currency>({ code: isText, exponent: isNumber }),
  taxClasses: list(
    fields<TaxClass>({ id: isText, name: isText, ratePpm: isNumber, isInclusive: isYesOrNo })
  ),
  cashRounding: fields<CashRounding>({ step: isQuantity, tie: one('up', 'down') }),
  tenders: list(fields<TenderKind>({ method: isText, name: isText, isCash: isYesOrNo })),
  notes: list(isPrice),
  printsReceipts: isYesOrNo
})
const ITEM = fields<TillItem>({
  sku: isText,
  name: isText,
  price: isPrice,
  taxClass: isText,
  category: isText,
  barcode: isText,
  isShared: isYesOrNo,
  stock: either(isNumber, one(null))
})
const SESSION = fields<Session>({
  session: isNumber,
  openedAt: isNumber,
  float: isMoney,
  sales: isNumber,
  lateSales: isNumber,
  voids: isNumber,
  total: isMoney,
  voidedTotal: isMoney,
  discounts: isMoney,
  rounding: isMoney,
  tenders: list(fields<TenderSum>({ method: isText, amount: isMoney })),
  taxes: list(
    fields<TaxAmount>({
      taxClass: isText,
      ratePpm: isNumber,
      isInclusive: isYesOrNo,
      net: isMoney,
      tax: isMoney
    })
  ),
  cashMoved: isMoney,
  cash: isMoney,
  firstNumber: isText,
  lastNumber: isText
})
const PARKED = fields<ParkedBasket>({
  basket: isId,
  name: isText,
  at: isNumber,
  lines: list(SOLD_LINE),
  discount: maybe(AMOUNT_OFF)
})
const RECENT = fields<TillSale>({
  sale: isText,
  number: isText,
  at: isNumber,
  total: isMoney,
  change: isMoney,
  tenders: list(TENDER),
  lines: list(fields<TillSale['lines'][number]>({ name: isText, quantity: isNumber })),
  isVoided: isYesOrNo
})
const HEALTH = fields<Health>({
  name: isText,
  state: one(...(['up', 'degraded', 'down', 'absent', 'disabled'] satisfies HealthState[])),
  sentence: isText,
  fix: isText
})
const JOB = fields<PrintJob>({
  sale: isText,
  number: isText,
  copy: isNumber,
  state: one(...(['waiting', 'printing', 'unknown'] satisfies PrintJob['state'][]))
})
const VIEW = fields<TillView>({
  at: isNumber,
  stall: isText,
  terms: TERMS,
  items: list(ITEM),
  session: either(SESSION, one(null)),
  parked: list(PARKED),
  recent: list(RECENT),
  printing: fields<PrintingView>({ health: HEALTH, jobs: list(JOB) }),
  hasDrawer: isYesOrNo,
  health: list(HEALTH),
  // How devices were before a reload says nothing, so none are noted.
  devices: list(() => false)
})
