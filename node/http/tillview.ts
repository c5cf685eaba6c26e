import { isDeepStrictEqual } from 'node:util'
import type { DeviceView } from '../core/device.ts'
import type { StockedItem } from '../core/sell/item.ts'
import type { Stall } from '../core/state.ts'
import { changes, get, rows, type Table } from '../core/table.ts'
import type { TillItem, TillPatch, TillSale, TillView } from '../core/till.ts'

const RECENT_SHOWN_MAX = 20

/** Whatever of a view does not follow from the entries. */
export type Edges = Pick<TillView, 'at' | 'printing' | 'hasDrawer' | 'health' | 'devices'>

export const viewOf = (stall: Stall, edges: Edges): TillView => ({
  ...edges,
  stall: stall.log.stall,
  terms: stall.terms,
  items: forSale(stall.items).map(tillItem),
  session: stall.session,
  parked: stall.parked,
  recent: recentOf(stall)
})

/** The devices of which something is new. */
export function changedDevices(
  before: readonly DeviceView[],
  after: readonly DeviceView[]
): readonly DeviceView[] {
  const old = new Map(before.map(view => [view.name, view]))
  return after.filter(view => !isDeepStrictEqual(old.get(view.name), view))
}

/** What a till must hear to get from one state to the next; empty when nothing shows. */
export function patchBetween(before: Stall, after: Stall): TillPatch {
  const { items, withdrawn } = changedItems(before.items, after.items)
  const mayShowSales = before.recent !== after.recent || before.sales !== after.sales
  const recent = mayShowSales ? recentOf(after) : []
  const isRecentNew = mayShowSales && !isDeepStrictEqual(recentOf(before), recent)
  return {
    ...(before.log.stall === after.log.stall ? {} : { stall: after.log.stall }),
    ...(before.terms === after.terms ? {} : { terms: after.terms }),
    ...(before.session === after.session ? {} : { session: after.session }),
    ...(before.parked === after.parked ? {} : { parked: after.parked }),
    ...(isRecentNew ? { recent } : {}),
    ...(items.length > 0 ? { items } : {}),
    ...(withdrawn.length > 0 ? { withdrawn } : {})
  }
}

function changedItems(before: Table<StockedItem>, after: Table<StockedItem>) {
  const items: TillItem[] = []
  const withdrawn: string[] = []
  for (const [sku, item] of changes(before, after)) {
    if (item && !item.isWithdrawn) items.push(tillItem(item))
    else withdrawn.push(sku)
  }
  return { items, withdrawn }
}

const tillItem = ({ prices: _, isWithdrawn: __, order: ___, ...item }: StockedItem): TillItem =>
  item

const recentOf = (stall: Stall): TillSale[] =>
  stall.recent
    .slice(-RECENT_SHOWN_MAX)
    .reverse()
    .map(sold => ({
      sale: sold.sale,
      number: sold.number,
      at: sold.at,
      total: sold.total,
      change: sold.change,
      tenders: sold.tenders,
      lines: sold.lines.map(({ name, quantity }) => ({ name, quantity })),
      isVoided: get(stall.sales, sold.sale)?.isVoided ?? false
    }))

/** As the catalogue has them, for a table has no order of its own. */
export const forSale = (items: Table<StockedItem>): StockedItem[] =>
  [...rows(items)]
    .flatMap(([, item]) => (item.isWithdrawn ? [] : [item]))
    .sort((a, b) => a.order - b.order)
