import type { TillView } from '../../core/till.ts'
import type { Parcel, SaleLine } from './parcel.ts'

/**
 * How many are left of an item: what the stall counts, less what this tablet sold and the stall's
 * picture does not show yet; null where nobody counts. `settling`: sales that
 * are booked, whose new counts are on their way.
 */
export function shownStock(
  view: TillView | null,
  parcels: readonly Parcel[],
  settling: ReadonlyMap<string, readonly SaleLine[]>
): (sku: string) => number | null {
  const seen = new Set<string>(view?.recent.map(sale => sale.sale))
  const undone = new Set<string>(parcels.flatMap(each => (each.kind === 'void' ? each.sale : [])))
  const mine = new Map<string, readonly SaleLine[]>(settling)
  for (const parcel of parcels) if (parcel.kind === 'sale') mine.set(parcel.key, parcel.lines)
  const sold = new Map<string, number>()
  for (const [sale, lines] of mine) {
    if (seen.has(sale) || undone.has(sale)) continue
    for (const { sku, quantity } of lines) {
      if (sku !== null) sold.set(sku, (sold.get(sku) ?? 0) + quantity)
    }
  }
  const counted = new Map(view?.items.map(item => [item.sku, item.stock]))
  return sku => {
    const count = counted.get(sku) ?? null
    return count === null ? null : count - (sold.get(sku) ?? 0)
  }
}
