import {
  type Discount,
  discountAmount,
  grossOf,
  type Line,
  type WishedDiscount,
  type WishedLine
} from '../core/sell/basket.ts'
import { type Money, money, sum } from '../core/sell/money.ts'
import type { Sell, Sold } from '../core/sell/sale.ts'
import type { Tender } from '../core/sell/tender.ts'

/**
 * Whether a booked sale is what is asked for now: the same goods at the same prices, paid in the
 * same way. Names, tax classes and prices that the wish left to the catalogue are not compared,
 * nor is its age, which grows from one try to the next.
 */
export function isSameSale(asked: Sell, sold: Omit<Sold, 'type'>): boolean {
  return (
    asked.sale === sold.sale &&
    areSameLines(asked, sold) &&
    asked.tenders.length === sold.tenders.length &&
    asked.tenders.every((tender, at) => isSameTender(tender, sold.tenders[at]))
  )
}

interface WishedBasket {
  readonly lines: readonly WishedLine[]
  readonly discount?: WishedDiscount
}

interface Basket {
  readonly lines: readonly Line[]
  readonly discount?: Discount
}

export function areSameLines(asked: WishedBasket, booked: Basket): boolean {
  const amounts = booked.lines.map(line => grossOf(line) - (line.discount?.amount ?? 0))
  const subtotal = sum(amounts.map(money))
  return (
    asked.lines.length === booked.lines.length &&
    asked.lines.every((line, at) => isSameLine(line, booked.lines[at])) &&
    isSameDiscount({ asked: asked.discount, booked: booked.discount, of: subtotal })
  )
}

function isSameLine(asked: WishedLine, booked: Line | undefined): boolean {
  if (booked === undefined || asked.sku !== booked.sku) return false
  const isSameOpenItem =
    asked.sku !== null || (asked.name === booked.name && asked.taxClass === booked.taxClass)
  return (
    isSameOpenItem &&
    asked.quantity === booked.quantity &&
    (asked.unitPrice === undefined || asked.unitPrice === booked.unitPrice) &&
    isSameDiscount({ asked: asked.discount, booked: booked.discount, of: grossOf(booked) })
  )
}

function isSameDiscount(pair: {
  readonly asked: WishedDiscount | undefined
  readonly booked: Discount | undefined
  readonly of: Money
}): boolean {
  const { asked, booked, of } = pair
  if (asked === undefined || booked === undefined) return asked === booked
  return discountAmount(asked, of) === booked.amount && asked.reason.trim() === booked.reason
}

const isSameTender = (asked: Tender, booked: Tender | undefined): boolean =>
  asked.method === booked?.method &&
  asked.amount === booked.amount &&
  asked.reference === booked.reference
