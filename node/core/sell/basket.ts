import type { Id } from '../id.ts'
import type { Refusal } from '../refusal.ts'
import { get } from '../table.ts'
import type { Wished } from '../wish.ts'
import type { CatalogueState, StockedItem } from './item.ts'
import { AMOUNT_MAX, divideRound, isMoney, type Money, money, sum } from './money.ts'
import type { TermsState } from './terms.ts'

export const LINES_MAX = 500
export const PARKED_MAX = 50
/** Taken baskets that the state keeps, for a till that did not hear what it took. */
export const TAKEN_MAX = 50
export const QUANTITY_MAX = 1_000_000
/**
 * An entry must stay under 64 KiB, for C2SP tlog-tiles count an entry's bytes in 16 bits; a basket
 * leaves room for what its sale adds. `decide` weighs the whole entry, tenders and reasons too.
 */
const TEXT_BYTES_MAX = 40_000
/** A price may be claimed this long after it left the tile: the longest market night. */
export const PRICE_LOCK_MS_MAX = 12 * 60 * 60_000

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

/** A basket set aside for later, with the prices it was promised. */
export interface BasketParked {
  readonly type: 'basketParked'
  readonly basket: Id
  readonly name: string
  readonly lines: readonly Line[]
  readonly discount?: Discount
}

/** A parked basket was taken back to a till, or given up. */
export interface BasketTaken extends Wished {
  readonly type: 'basketTaken'
  readonly basket: Id
}

export interface ParkBasket {
  readonly type: 'parkBasket'
  readonly basket: Id
  readonly name: string
  readonly lines: readonly WishedLine[]
  readonly discount?: WishedDiscount
}

export interface TakeBasket extends Wished {
  readonly type: 'takeBasket'
  readonly basket: Id
}

export interface ParkedBasket extends Omit<BasketParked, 'type'> {
  readonly at: number
}

export interface ParkedState {
  readonly parked: readonly ParkedBasket[]
  /** The newest that were taken, oldest first; at most TAKEN_MAX. */
  readonly taken: readonly ParkedBasket[]
}

type Shop = CatalogueState & TermsState

export function decideParkBasket(
  state: ParkedState & Shop,
  command: ParkBasket,
  at: number
): readonly [BasketParked] | Refusal {
  const { basket, name } = command
  if (parkedOrTaken(state, basket)) return { refused: 'already-parked' }
  if (state.parked.length >= PARKED_MAX) return { refused: 'too-many-parked', max: PARKED_MAX }
  const filled = fillBasket(state, { ...command, at, shownAt: at })
  if ('refused' in filled) return filled
  return [{ type: 'basketParked', basket, name, ...filled }]
}

/** A basket that was taken is not parked again by a till that did not hear it was parked. */
export const parkedOrTaken = ({ parked, taken }: ParkedState, basket: Id) =>
  [...parked, ...taken].find(each => each.basket === basket)

export const decideTakeBasket = (
  { parked }: Pick<ParkedState, 'parked'>,
  { basket }: TakeBasket
): readonly [BasketTaken] | Refusal =>
  parked.some(each => each.basket === basket)
    ? [{ type: 'basketTaken', basket }]
    : { refused: 'unknown-basket' }

/** What a line costs before any discount. */
export const grossOf = ({ quantity, unitPrice }: Pick<Line, 'quantity' | 'unitPrice'>): Money =>
  money(quantity * unitPrice)

/** The money that a discount takes off `base`, rounded half away from zero; not yet checked. */
export const discountAmount = (wished: WishedDiscount, base: Money): number =>
  'amount' in wished
    ? wished.amount
    : Number(divideRound(BigInt(base) * BigInt(Math.trunc(wished.ratePpm)), 1_000_000n))

export interface Basket {
  readonly lines: readonly Line[]
  readonly discount?: Discount
}

/** Turns what a till asks for into lines with names, tax classes and the prices promised. */
export function fillBasket(
  shop: Shop,
  wish: {
    readonly lines: readonly WishedLine[]
    readonly discount?: WishedDiscount
    readonly at: number
    /** When the customer saw the prices: earlier than `at` for a sale made offline. */
    readonly shownAt: number
  }
): Basket | Refusal {
  if (wish.lines.length === 0) return { refused: 'empty-basket' }
  if (wish.lines.length > LINES_MAX) return { refused: 'too-many-lines', max: LINES_MAX }
  const lines: Line[] = []
  for (const wished of wish.lines) {
    const line = fillLine(shop, wished, wish.shownAt)
    if ('refused' in line) return line
    lines.push(line)
  }
  if (textBytes(lines) > TEXT_BYTES_MAX) return { refused: 'sale-too-long' }
  const gross = lines.reduce(
    (all, line) => all + BigInt(line.quantity) * BigInt(line.unitPrice),
    0n
  )
  if (gross > BigInt(AMOUNT_MAX)) return { refused: 'amount-too-large' }
  const subtotal = sum(lines.map(line => money(grossOf(line) - (line.discount?.amount ?? 0))))
  const discount = wish.discount && resolveDiscount(wish.discount, subtotal)
  if (discount && 'refused' in discount) return discount
  return discount ? { lines, discount } : { lines }
}

function fillLine(shop: Shop, wished: WishedLine, shownAt: number): Line | Refusal {
  const { sku, quantity } = wished
  if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX) {
    return { refused: 'bad-quantity', sku: sku ?? wished.name, quantity }
  }
  const priced = sku === null ? openLine(shop, wished) : listedLine(shop, wished, shownAt)
  if ('refused' in priced || !wished.discount) return priced
  if (BigInt(quantity) * BigInt(priced.unitPrice) > BigInt(AMOUNT_MAX)) {
    return { refused: 'amount-too-large' }
  }
  const discount = resolveDiscount(wished.discount, grossOf(priced))
  return 'refused' in discount ? discount : { ...priced, discount }
}

function openLine(
  { terms }: TermsState,
  wished: Extract<WishedLine, { readonly sku: null }>
): Line | Refusal {
  const { name, taxClass, quantity, unitPrice } = wished
  if (name.trim() === '') return { refused: 'name-missing' }
  if (!isMoney(unitPrice) || unitPrice < 0) {
    return { refused: 'bad-amount', what: name, amount: unitPrice }
  }
  if (!terms.taxClasses.some(({ id }) => id === taxClass)) {
    return { refused: 'unknown-tax-class', taxClass }
  }
  return { sku: null, name, taxClass, quantity, unitPrice }
}

function listedLine(
  { items }: CatalogueState,
  wished: Extract<WishedLine, { readonly sku: string }>,
  shownAt: number
): Line | Refusal {
  const { sku, quantity, unitPrice } = wished
  const item = get(items, sku)
  if (!item) return { refused: 'unknown-sku', sku }
  const price = unitPrice ?? item.price
  if (!wasShown(item, price, shownAt)) return { refused: 'price-not-shown', sku, price }
  return { sku, name: item.name, quantity, unitPrice: price, taxClass: item.taxClass }
}

/** A price is good from when it was first shown to PRICE_LOCK_MS_MAX after it was replaced. */
const wasShown = ({ prices }: StockedItem, price: Money, shownAt: number): boolean =>
  prices.some((shown, index) => {
    const replacedAt = prices[index - 1]?.from ?? Number.POSITIVE_INFINITY
    return shown.price === price && replacedAt + PRICE_LOCK_MS_MAX >= shownAt
  })

function resolveDiscount(wished: WishedDiscount, base: Money): Discount | Refusal {
  const reason = wished.reason.trim()
  if (reason === '') return { refused: 'reason-missing', what: 'discount' }
  const amount = discountAmount(wished, base)
  if (!isMoney(amount) || amount < 0) return { refused: 'bad-amount', what: 'discount', amount }
  if (amount > base) return { refused: 'discount-too-large', max: base }
  return { amount, reason }
}

/** At most three bytes of UTF-8 stand behind one code unit of JavaScript text. */
const textBytes = (lines: readonly Line[]): number =>
  lines.reduce(
    (all, { sku, name, taxClass, discount }) =>
      all +
      24 +
      3 * ((sku ?? '').length + name.length + taxClass.length + (discount?.reason ?? '').length),
    0
  )

export const foldParked = (
  parked: readonly ParkedBasket[],
  { type: _, ...basket }: BasketParked & { readonly at: number }
): readonly ParkedBasket[] => [...parked, basket]

export function foldTaken({ parked, taken }: ParkedState, { basket }: BasketTaken): ParkedState {
  const gone = parked.filter(each => each.basket === basket)
  return {
    parked: parked.filter(each => each.basket !== basket),
    taken: [...taken, ...gone].slice(-TAKEN_MAX)
  }
}
