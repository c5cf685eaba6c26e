import type { Id } from '../id.ts'
import type { Refusal } from '../refusal.ts'
import { emptyTable, get, rows, set, type Table } from '../table.ts'
import type { Wished } from '../wish.ts'
import { isMoney, type Money } from './money.ts'
import { isSameTerms, type SetTerms, type Terms, type TermsState } from './terms.ts'

/** Items on offer at once. Withdrawn ones stay known for late sales, and do not count. */
export const ITEMS_MAX = 10_000
/** Items that one wish may list or withdraw: what fits a frame with room to spare. */
export const LISTED_MAX = 500
export const PRICES_MAX = 8

export const STOCK_REASONS = ['opening', 'received', 'counted', 'wasted', 'sold', 'voided'] as const
export type StockReason = (typeof STOCK_REASONS)[number]

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
  /** Its stock is open to every stall of the market; otherwise only its vendor reads it. */
  readonly isShared: boolean
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
export interface StockMoved extends Wished {
  readonly type: 'stockMoved'
  readonly moves: readonly StockMove[]
  readonly reason: StockReason
  /** The sale that moved it, where one did. */
  readonly sale?: Id
  /** What lay there, where somebody counted it. */
  readonly counted?: number
}

/** Stock that the stall keeps to itself moved. Sales move it too, without this entry. */
export interface OwnStockMoved extends Wished {
  readonly type: 'ownStockMoved'
  readonly moves: readonly StockMove[]
  readonly reason: StockReason
  /** What lay there, where somebody counted it. */
  readonly counted?: number
}

/** Lists new items and changes listed ones. `stock` counts only for an item never listed before. */
export interface ListItems {
  readonly type: 'listItems'
  readonly items: readonly { readonly item: Item; readonly stock?: number }[]
}

export interface WithdrawItems {
  readonly type: 'withdrawItems'
  readonly skus: readonly string[]
}

export interface CatalogueState {
  readonly items: Table<StockedItem>
}

export interface StockedItem extends Item {
  /**
   * Null until somebody counts it: plenty. May be negative: the item was in the seller's hand, so
   * the count was wrong.
   */
  readonly stock: number | null
  /** Its place among all items ever listed: the order of the catalogue. */
  readonly order: number
  /** Prices that were shown and since when, newest first; at most PRICES_MAX. */
  readonly prices: readonly { readonly price: Money; readonly from: number }[]
  /** No longer offered, but a tablet that was offline may still bring a sale of it. */
  readonly isWithdrawn: boolean
}

export const noItems: CatalogueState['items'] = emptyTable

export function decideListItems(
  { items, terms }: CatalogueState & TermsState,
  command: ListItems
): readonly (ItemListed | StockMoved | OwnStockMoved)[] | Refusal {
  if (command.items.length > LISTED_MAX) return { refused: 'too-many-items', max: LISTED_MAX }
  const fresh = command.items.filter(({ item }) => get(items, item.sku) === undefined)
  const skus = new Set(command.items.map(({ item }) => item.sku))
  const others = [...rows(items)].filter(([sku, item]) => !item.isWithdrawn && !skus.has(sku))
  if (others.length + skus.size > ITEMS_MAX) return { refused: 'too-many-items', max: ITEMS_MAX }
  for (const { item } of command.items) {
    if (!isMoney(item.price) || item.price < 0) {
      return { refused: 'bad-amount', what: `price of ${item.sku}`, amount: item.price }
    }
    if (!terms.taxClasses.some(({ id }) => id === item.taxClass)) {
      return { refused: 'unknown-tax-class', taxClass: item.taxClass }
    }
  }
  const changed = command.items.filter(({ item }) => !isListedAs(get(items, item.sku), item))
  return [
    ...changed.map(({ item }) => ({ type: 'itemListed', item }) as const),
    ...openingStock(fresh, true),
    ...openingStock(fresh, false)
  ]
}

/**
 * The wishes that bring the ledger's catalogue to what the configuration says; none if equal. What
 * is gone is withdrawn first, so that a whole other catalogue finds room.
 */
export function catalogueCommands(
  { items, terms }: CatalogueState & TermsState,
  wanted: { readonly terms: Terms; readonly items: ListItems['items'] }
): readonly (SetTerms | ListItems | WithdrawItems)[] {
  const isNew = ({ item }: ListItems['items'][number]) => !isListedAs(get(items, item.sku), item)
  const changed = wanted.items.filter(isNew)
  const kept = new Set(wanted.items.map(({ item }) => item.sku))
  const gone = [...rows(items)].flatMap(([sku, item]) =>
    kept.has(sku) || item.isWithdrawn ? [] : [sku]
  )
  return [
    ...(isSameTerms(terms, wanted.terms)
      ? []
      : [{ type: 'setTerms', terms: wanted.terms } as const]),
    ...pagesOf(gone).map(skus => ({ type: 'withdrawItems', skus }) as const),
    ...pagesOf(changed).map(items => ({ type: 'listItems', items }) as const)
  ]
}

const pagesOf = <Row>(rows: readonly Row[]): readonly (readonly Row[])[] =>
  Array.from({ length: Math.ceil(rows.length / LISTED_MAX) }, (_, page) =>
    rows.slice(page * LISTED_MAX, (page + 1) * LISTED_MAX)
  )

function openingStock(
  fresh: ListItems['items'],
  isShared: boolean
): readonly (StockMoved | OwnStockMoved)[] {
  const moves = fresh.flatMap(({ item, stock }) =>
    item.isShared === isShared && stock !== undefined ? [{ sku: item.sku, change: stock }] : []
  )
  if (moves.length === 0) return []
  return [{ type: isShared ? 'stockMoved' : 'ownStockMoved', moves, reason: 'opening' }]
}

/** Whether listing `item` again would change nothing. */
export const isListedAs = (listed: StockedItem | undefined, item: Item): boolean =>
  listed !== undefined &&
  !listed.isWithdrawn &&
  listed.name === item.name &&
  listed.price === item.price &&
  listed.taxClass === item.taxClass &&
  listed.category === item.category &&
  listed.barcode === item.barcode &&
  listed.isShared === item.isShared

export function decideWithdrawItems(
  { items }: CatalogueState,
  { skus }: WithdrawItems
): readonly ItemWithdrawn[] | Refusal {
  if (skus.length > LISTED_MAX) return { refused: 'too-many-items', max: LISTED_MAX }
  const unknown = skus.find(sku => get(items, sku) === undefined)
  if (unknown !== undefined) return { refused: 'unknown-sku', sku: unknown }
  return skus.map(sku => ({ type: 'itemWithdrawn', sku }))
}

export function foldItemListed(
  items: CatalogueState['items'],
  { item, at }: ItemListed & { readonly at: number }
): CatalogueState['items'] {
  const before = get(items, item.sku)
  const shown = before?.prices ?? []
  const prices =
    before?.price === item.price
      ? shown
      : [{ price: item.price, from: at }, ...shown].slice(0, PRICES_MAX)
  const stock = before?.stock ?? null
  const order = before?.order ?? items.size
  return set(items, item.sku, { ...item, stock, order, prices, isWithdrawn: false })
}

export function foldItemWithdrawn(
  items: CatalogueState['items'],
  { sku }: ItemWithdrawn
): CatalogueState['items'] {
  const item = get(items, sku)
  return item ? set(items, sku, { ...item, isWithdrawn: true }) : items
}
