import * as assert from 'uvu/assert'
import type { Command } from '../../node/core/command.ts'
import type { Entry, Fact, FactOf } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { isRefusal, type Refusal } from '../../node/core/refusal.ts'
import type { Item } from '../../node/core/sell/item.ts'
import { currencyOf, type Money, money } from '../../node/core/sell/money.ts'
import type { Terms } from '../../node/core/sell/terms.ts'
import { decide, emptyStall, fold } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'

export const LOG = '00112233445566ff' as LogId
export const OPENED_AT = Date.UTC(2026, 10, 22, 18)

export const euro = (amount: number): Money => money(Math.round(amount * 100))
export const id = (number: number): Id => number.toString(16).padStart(32, '0') as Id

export const TERMS: Terms = {
  stallName: "Mei's Bao",
  vendor: 'Mei Lin',
  marketName: 'Alley Night Market',
  timezone: 'Europe/Berlin',
  currency: currencyOf('EUR'),
  taxClasses: [
    { id: 'food', name: 'VAT 7 %', ratePpm: 70_000, isInclusive: true },
    { id: 'drink', name: 'VAT 19 %', ratePpm: 190_000, isInclusive: true },
    { id: 'us', name: 'Sales tax', ratePpm: 88_750, isInclusive: false }
  ],
  cashRounding: { step: 1, tie: 'up' },
  tenders: [
    { method: 'cash', name: 'Cash', isCash: true },
    { method: 'card', name: 'Card', isCash: false }
  ],
  notes: [euro(5), euro(10), euro(20), euro(50)],
  printsReceipts: true
}

export const item = (sku: string, price: Money, more: Partial<Item> = {}): Item => ({
  sku,
  name: sku,
  price,
  taxClass: 'food',
  category: '',
  barcode: '',
  isShared: false,
  ...more
})

export const OPENED: FactOf<'logOpened'> = {
  type: 'logOpened',
  stall: '12',
  counter: 3,
  bootId: 'boot',
  monoMs: 0,
  previous: null,
  deviceCertificate: new Uint8Array(),
  logCertificate: new Uint8Array(),
  wraps: []
}

/** A stall with a log, terms, and bao (own stock, 24), tea (shared stock, 5). */
export const openStall = (terms: Partial<Terms> = {}): Stall =>
  given(emptyStall, [
    OPENED,
    { type: 'termsSet', terms: { ...TERMS, ...terms } },
    { type: 'itemListed', item: item('bao', euro(6.5), { name: 'Char siu bao' }) },
    { type: 'itemListed', item: item('tea', euro(4), { taxClass: 'drink', isShared: true }) },
    { type: 'ownStockMoved', moves: [{ sku: 'bao', change: 24 }], reason: 'opening' },
    { type: 'stockMoved', moves: [{ sku: 'tea', change: 5 }], reason: 'opening' }
  ])

export const given = (stall: Stall, facts: readonly Fact[]): Stall =>
  facts.map((fact, seq) => ({ log: LOG, seq, at: OPENED_AT, ...fact }) as Entry).reduce(fold, stall)

let seq = 100

/** Decides at a time after the opening and folds what came of it. */
export function when(
  stall: Stall,
  command: Command,
  afterMs = 1_000
): { readonly entries: readonly Entry[]; readonly refusal: Refusal | null; readonly stall: Stall } {
  seq += 100
  const made = decide(stall, command, { log: LOG, seq, at: OPENED_AT + afterMs })
  if (isRefusal(made)) return { entries: [], refusal: made, stall }
  return { entries: made, refusal: null, stall: made.reduce(fold, stall) }
}

export function thenRefused(stall: Stall, command: Command, refusal: Refusal, afterMs?: number) {
  assert.equal(when(stall, command, afterMs).refusal, refusal)
}

export const soldIn = (entries: readonly Entry[]) => {
  const sold = entries.find(entry => entry.type === 'sold')
  if (!sold) throw new Error('Nothing was sold')
  return sold
}

export const total = (stall: Stall): number =>
  Object.values(stall.accounts).reduce<number>((all, balance) => all + balance, 0)
