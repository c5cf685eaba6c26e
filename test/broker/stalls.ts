/** A stall and its entries as the tree sees them, without a loop or a ledger. */
import type { EntryOf } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import type { StockedItem } from '../../node/core/sell/item.ts'
import { money, NOTHING } from '../../node/core/sell/money.ts'
import { emptyStall } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { tableOf } from '../../node/core/table.ts'

const log = '0123456789abcdef' as LogId

export const item = (sku: string, price: number, stock: number): StockedItem => ({
  sku,
  name: `Nice ${sku}`,
  price: money(price),
  taxClass: 'food',
  category: '',
  barcode: '',
  isShared: false,
  stock,
  order: 0,
  prices: [],
  isWithdrawn: false
})

export const stallWith = (items: readonly StockedItem[]): Stall => ({
  ...emptyStall,
  log: { log, stall: '12', counter: 1, receipts: 0 },
  items: tableOf(items.map(each => [each.sku, each]))
})

export const sold = (seq: number): EntryOf<'sold'> => ({
  type: 'sold',
  log,
  seq,
  at: Date.UTC(2026, 4, 1, 9, 30),
  sale: seq.toString(16).padStart(32, '0') as Id,
  session: 3,
  number: `12-1-${seq}-K7`,
  currency: 'EUR',
  lines: [{ sku: 'apple', name: 'Apple', quantity: 2, unitPrice: money(60), taxClass: 'food' }],
  taxes: [{ taxClass: 'food', ratePpm: 70_000, isInclusive: true, net: money(112), tax: money(8) }],
  total: money(120),
  rounding: NOTHING,
  tenders: [{ method: 'card', amount: money(120), reference: 'slip 4711' }],
  change: NOTHING,
  isLate: false
})

export const voided = (seq: number, sale: Id): EntryOf<'voided'> => ({
  type: 'voided',
  log,
  seq,
  at: Date.UTC(2026, 4, 1, 9, 31),
  sale,
  session: 3,
  reason: 'undo'
})
