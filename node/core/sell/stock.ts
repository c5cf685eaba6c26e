import type { Refusal } from '../refusal.ts'
import { get, set } from '../table.ts'
import type { Wished } from '../wish.ts'
import type { CatalogueState, OwnStockMoved, StockedItem, StockMoved, StockReason } from './item.ts'

/** At or under this many left, the tile says "3 left" in the warning colour. */
export const LOW_STOCK_MAX = 5
export const STOCK_MAX = 1_000_000_000

export interface MoveStock extends Wished {
  readonly type: 'moveStock'
  readonly sku: string
  readonly change: number
  readonly reason: StockReason
}

export interface CountStock extends Wished {
  readonly type: 'countStock'
  readonly sku: string
  readonly count: number
}

export function decideMoveStock(
  { items }: CatalogueState,
  { sku, change, reason }: MoveStock
): readonly (StockMoved | OwnStockMoved)[] | Refusal {
  const item = get(items, sku)
  if (!item) return { refused: 'unknown-sku', sku }
  const after = (item.stock ?? 0) + change
  if (!Number.isSafeInteger(change) || change === 0 || Math.abs(after) > STOCK_MAX) {
    return { refused: 'bad-quantity', sku, quantity: change }
  }
  return [moved(item, change, reason)]
}

/**
 * A count is written as the change it makes, so that two tills' entries add up in any order. One
 * that changes nothing is written only for its name: sent again after a sale, it would undo it.
 */
export function decideCountStock(
  { items }: CatalogueState,
  { sku, count, wish }: CountStock
): readonly (StockMoved | OwnStockMoved)[] | Refusal {
  const item = get(items, sku)
  if (!item) return { refused: 'unknown-sku', sku }
  if (!Number.isSafeInteger(count) || count < 0 || count > STOCK_MAX) {
    return { refused: 'bad-quantity', sku, quantity: count }
  }
  if (count === item.stock && wish === undefined) return []
  return [{ ...moved(item, count - (item.stock ?? 0), 'counted'), counted: count }]
}

const moved = (
  { sku, isShared }: StockedItem,
  change: number,
  reason: StockReason
): StockMoved | OwnStockMoved => ({
  type: isShared ? 'stockMoved' : 'ownStockMoved',
  moves: [{ sku, change }],
  reason
})

/**
 * Items that this stall never listed are a neighbour's business; moving them changes nothing. What
 * nobody counted stays uncounted when it is sold, for a number from nowhere would be a lie.
 */
export const foldMoves = (
  items: CatalogueState['items'],
  { moves, reason }: Pick<StockMoved, 'moves' | 'reason'>
): CatalogueState['items'] =>
  moves.reduce((all, { sku, change }) => {
    const item = get(all, sku)
    const isSale = reason === 'sold' || reason === 'voided'
    if (!item || (item.stock === null && isSale)) return all
    return set(all, sku, { ...item, stock: (item.stock ?? 0) + change })
  }, items)
