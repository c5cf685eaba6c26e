import type { Id } from '../../core/id.ts'
import {
  discountAmount,
  grossOf,
  LINES_MAX,
  type Line,
  type WishedDiscount
} from '../../core/sell/basket.ts'
import type { Item } from '../../core/sell/item.ts'
import { type Money, money, sum } from '../../core/sell/money.ts'
import { type Quote, quote } from '../../core/sell/quote.ts'
import type { TaxClass } from '../../core/sell/tax.ts'
import type { SaleDiscount, SaleLine } from './parcel.ts'

/** What a customer is about to buy. A value: every change gives a new one. */
export interface Basket {
  /** The sale's id from its first item on, so a double tap or a replay is still one sale. */
  readonly id: Id | null
  readonly lines: readonly BasketLine[]
  readonly discount?: WishedDiscount
}

export interface BasketLine {
  readonly key: string
  /** Null for an open item, which has a typed-in name and price. */
  readonly sku: string | null
  readonly name: string
  readonly quantity: number
  /** The price at the first tap; a later change never touches an open basket. */
  readonly unitPrice: Money
  readonly taxClass: string
  readonly discount?: WishedDiscount
}

export const EMPTY: Basket = { id: null, lines: [] }

/** What fits the quantity pad. */
export const QUANTITY_TYPED_MAX = 9_999
/** Far under 2^53-1, so that tax on top of a full basket still adds up to the last coin. */
const BASKET_AMOUNT_MAX = 1e14

/** The same basket comes back when it is full. */
export function addItem(basket: Basket, item: Item, times: number, mint: () => Id): Basket {
  const known = basket.lines.find(line => line.sku === item.sku)
  if (known) return setQuantity(basket, known.key, known.quantity + times)
  const { sku, name, price: unitPrice, taxClass } = item
  return addLine(basket, { key: sku, sku, name, unitPrice, taxClass, quantity: times }, mint)
}

export function addLine(basket: Basket, line: BasketLine, mint: () => Id): Basket {
  const next = { ...basket, id: basket.id ?? mint(), lines: [...basket.lines, line] }
  return fits(next) ? next : basket
}

/** Zero takes the line out, and the last line takes the basket's id and discount with it. */
export function setQuantity(basket: Basket, key: string, quantity: number): Basket {
  const lines = basket.lines.flatMap(line => {
    if (line.key !== key) return [line]
    return quantity > 0 ? [{ ...line, quantity }] : []
  })
  if (lines.length === 0) return EMPTY
  const next = { ...basket, lines }
  return fits(next) ? next : basket
}

/** Money off one line, or off the whole basket when `key` is null. */
export function setDiscount(
  basket: Basket,
  key: string | null,
  discount: WishedDiscount | null
): Basket {
  if (key === null) return withDiscount(basket, discount)
  const lines = basket.lines.map(line => (line.key === key ? withDiscount(line, discount) : line))
  return { ...basket, lines }
}

function withDiscount<Part extends { readonly discount?: WishedDiscount }>(
  part: Part,
  discount: WishedDiscount | null
): Part {
  const { discount: _, ...rest } = part
  return (discount ? { ...rest, discount } : rest) as Part
}

/** Adds the basket up with the very code that will book it. */
export function quoteBasket(basket: Basket, taxClasses: readonly TaxClass[]): Quote {
  const { lines, discount } = saleOf(basket)
  return quote({
    lines: lines satisfies readonly Line[],
    taxClasses,
    ...(discount ? { discount } : {})
  })
}

/**
 * The basket as it will be sold. Percentages become amounts here, so that what the keeper saw is
 * what the stall books.
 */
export function saleOf(basket: Basket): {
  readonly lines: readonly SaleLine[]
  readonly discount?: SaleDiscount
} {
  const lines = basket.lines.map(({ key: _, discount, ...line }) => {
    return { ...line, ...(discount ? { discount: resolve(discount, grossOf(line)) } : {}) }
  })
  const net = lines.map(line => money(grossOf(line) - (line.discount?.amount ?? 0)))
  const subtotal = sum(net)
  const { discount } = basket
  return { lines, ...(discount ? { discount: resolve(discount, subtotal) } : {}) }
}

/** Never more off than there is. */
const resolve = (wished: WishedDiscount, base: Money): SaleDiscount => ({
  amount: money(Math.min(discountAmount(wished, base), base)),
  reason: wished.reason
})

/** What was parked or refused, on the counter again as a new sale: its old id named the old one. */
export function basketAgain(
  { lines, discount }: { readonly lines: readonly Line[]; readonly discount?: WishedDiscount },
  mint: () => Id
): Basket {
  if (lines.length === 0) return EMPTY
  const keyed = lines.map((line, at) => ({ ...line, key: line.sku ?? `open ${at}` }))
  return { id: mint(), lines: keyed, ...(discount ? { discount } : {}) }
}

/** Whether it can be added up and sold as it is. */
export const fits = ({ lines }: Basket): boolean =>
  lines.length <= LINES_MAX &&
  lines.every(line => line.quantity <= QUANTITY_TYPED_MAX) &&
  lines.reduce((all, line) => all + line.quantity * line.unitPrice, 0) <= BASKET_AMOUNT_MAX

export const countOf = (basket: Basket): number =>
  basket.lines.reduce((all, line) => all + line.quantity, 0)
