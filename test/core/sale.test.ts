import * as assert from 'uvu/assert'
import type { LogId } from '../../node/core/id.ts'
import { AMOUNT_MAX, type Money, money } from '../../node/core/sell/money.ts'
import type { Sell } from '../../node/core/sell/sale.ts'
import { fold } from '../../node/core/stall.ts'
import { get } from '../../node/core/table.ts'
import { suite } from '../harness.ts'
import {
  euro,
  id,
  item,
  OPENED,
  OPENED_AT,
  openStall,
  soldIn,
  thenRefused,
  total,
  when
} from './given.ts'

const cash = (amount: Money) => ({ method: 'cash', amount })
const card = (amount: Money) => ({ method: 'card', amount })
const sell = (wish: Partial<Sell> = {}): Sell => ({
  type: 'sell',
  sale: id(1),
  lines: [
    { sku: 'bao', quantity: 1 },
    { sku: 'tea', quantity: 1 }
  ],
  tenders: [cash(euro(10.5))],
  ...wish
})

suite('sell', test => {
  test('books two items and exact cash, opening the session by itself', () => {
    const { entries, stall } = when(openStall(), sell())
    assert.equal(
      entries.map(({ type }) => type),
      ['sessionOpened', 'sold', 'stockMoved']
    )
    const sold = soldIn(entries)
    assert.is(sold.total, euro(10.5))
    assert.is(sold.change, 0)
    assert.is(sold.number, '12-3-1-00')
    assert.equal(sold.taxes, [
      { taxClass: 'food', ratePpm: 70_000, isInclusive: true, net: 607, tax: 43 },
      { taxClass: 'drink', ratePpm: 190_000, isInclusive: true, net: 336, tax: 64 }
    ])
    assert.is(get(stall.items, 'bao')?.stock, 23)
    assert.is(get(stall.items, 'tea')?.stock, 4)
    assert.is(stall.session?.cash, euro(10.5))
    assert.equal(stall.due, [{ sale: id(1), copy: 1 }])
    assert.is(total(stall), 0)
  })

  test('gives change for a note', () => {
    const { entries, stall } = when(openStall(), sell({ tenders: [cash(euro(20))] }))
    assert.is(soldIn(entries).change, euro(9.5))
    assert.is(stall.accounts['cash'], euro(10.5))
  })

  test('the same sale again is already sold, and says where', () => {
    const first = when(openStall(), sell())
    const { log, seq } = soldIn(first.entries)
    thenRefused(first.stall, sell(), { refused: 'already-sold', place: { log, seq } })
  })

  test('an item in the hand is sold even when the count says zero', () => {
    const { stall } = when(
      openStall(),
      sell({ lines: [{ sku: 'tea', quantity: 7 }], tenders: [cash(euro(28))] })
    )
    assert.is(get(stall.items, 'tea')?.stock, -2)
  })

  test('splits tenders, and only cash gives change', () => {
    const { entries, stall } = when(openStall(), sell({ tenders: [card(euro(6)), cash(euro(5))] }))
    assert.is(soldIn(entries).change, euro(0.5))
    assert.is(stall.accounts['tender:card'], euro(6))
    assert.is(stall.accounts['cash'], euro(4.5))
    assert.equal(stall.session?.tenders, [
      { method: 'card', amount: 600 },
      { method: 'cash', amount: 450 }
    ])
  })

  test('a card is never charged over what is due', () => {
    thenRefused(openStall(), sell({ tenders: [card(euro(11))] }), {
      refused: 'card-over-tender',
      over: money(50)
    })
  })

  test('rounds only what is paid in cash, as a line of its own', () => {
    const terms = { cashRounding: { step: 5, tie: 'up' as const } }
    const lines = [{ sku: null, name: 'Pin', taxClass: 'food', quantity: 1, unitPrice: euro(3.98) }]
    const byCash = when(openStall(terms), sell({ lines, tenders: [cash(euro(5))] }))
    assert.is(soldIn(byCash.entries).rounding, 2)
    assert.is(soldIn(byCash.entries).change, euro(1))
    assert.is(byCash.stall.accounts['rounding'], -2)
    const byCard = when(openStall(terms), sell({ lines, tenders: [card(euro(3.98))] }))
    assert.is(soldIn(byCard.entries).rounding, 0)
    const split = when(openStall(terms), sell({ lines, tenders: [card(euro(1)), cash(euro(3))] }))
    assert.is(soldIn(split.entries).rounding, 2)
    assert.is(soldIn(split.entries).change, 0)
  })

  test('puts exclusive tax on top', () => {
    const lines = [{ sku: null, name: 'Tote', taxClass: 'us', quantity: 2, unitPrice: euro(10) }]
    const { entries, stall } = when(openStall(), sell({ lines, tenders: [card(euro(21.78))] }))
    assert.is(soldIn(entries).total, euro(21.78))
    assert.is(stall.accounts['tax:us'], -178)
    assert.is(stall.session?.discounts, 0)
  })

  test('takes discounts off a line and off the basket, each with its reason', () => {
    const { entries, stall } = when(
      openStall(),
      sell({
        lines: [
          { sku: 'bao', quantity: 2, discount: { ratePpm: 100_000, reason: 'Last ones' } },
          { sku: 'tea', quantity: 1 }
        ],
        discount: { amount: euro(1), reason: 'Regular' },
        tenders: [cash(euro(14.7))]
      })
    )
    const sold = soldIn(entries)
    assert.equal(sold.lines[0]?.discount, { amount: 130, reason: 'Last ones' })
    assert.is(sold.total, euro(14.7))
    assert.is(
      sold.taxes.reduce((all, { net, tax }) => all + net + tax, 0),
      sold.total
    )
    assert.is(stall.session?.discounts, euro(2.3))
  })

  test('keeps the price of the first tap, and no price that was never shown', () => {
    const raised = when(
      openStall(),
      { type: 'listItems', items: [{ item: item('bao', euro(7)) }] },
      60_000
    ).stall
    const at = (unitPrice: Money) =>
      sell({ lines: [{ sku: 'bao', quantity: 1, unitPrice }], tenders: [cash(unitPrice)] })
    assert.is(soldIn(when(raised, at(euro(6.5)), 90_000).entries).total, euro(6.5))
    thenRefused(raised, at(euro(6)), { refused: 'price-not-shown', sku: 'bao', price: euro(6) })
    const nextDay = 13 * 60 * 60_000
    thenRefused(
      raised,
      at(euro(6.5)),
      { refused: 'price-not-shown', sku: 'bao', price: euro(6.5) },
      nextDay
    )
    const offline = { ...at(euro(6.5)), ageMs: nextDay - 60_000 }
    assert.is(soldIn(when(raised, offline, nextDay).entries).soldAt !== undefined, true)
  })

  test('an item that was withdrawn can still be sold by a tablet that was offline', () => {
    const { stall } = when(openStall(), { type: 'withdrawItems', skus: ['bao'] })
    assert.is(when(stall, sell()).refusal, null)
  })

  test('what makes no sense is refused by name', () => {
    const stall = openStall()
    const bao = (quantity: number) => sell({ lines: [{ sku: 'bao', quantity }] })
    thenRefused(stall, sell({ lines: [] }), { refused: 'empty-basket' })
    thenRefused(stall, sell({ lines: [{ sku: 'nope', quantity: 1 }] }), {
      refused: 'unknown-sku',
      sku: 'nope'
    })
    for (const quantity of [0, -1, 1.5, Number.NaN, 1_000_001]) {
      thenRefused(stall, bao(quantity), { refused: 'bad-quantity', sku: 'bao', quantity })
    }
    thenRefused(stall, sell({ tenders: [cash(euro(10))] }), {
      refused: 'not-paid',
      missing: money(50)
    })
    thenRefused(stall, sell({ tenders: [{ method: 'gold', amount: euro(11) }] }), {
      refused: 'unknown-tender',
      method: 'gold'
    })
    const huge = {
      sku: null,
      name: 'Moon',
      taxClass: 'food',
      quantity: 2,
      unitPrice: AMOUNT_MAX as Money
    }
    thenRefused(stall, sell({ lines: [huge] }), { refused: 'amount-too-large' })
    thenRefused(stall, sell({ lines: [{ ...huge, quantity: 1 }] }), { refused: 'amount-too-large' })
    thenRefused(stall, sell({ discount: { amount: euro(50), reason: 'Friend' } }), {
      refused: 'discount-too-large',
      max: euro(10.5)
    })
    thenRefused(stall, sell({ discount: { amount: euro(1), reason: ' ' } }), {
      refused: 'reason-missing',
      what: 'discount'
    })
    const nameless = { ...huge, name: ' ', quantity: 1, unitPrice: euro(1) }
    thenRefused(stall, sell({ lines: [nameless] }), { refused: 'name-missing' })
    const lines = Array.from({ length: 501 }, () => ({ sku: 'bao', quantity: 1 }))
    thenRefused(stall, sell({ lines }), { refused: 'too-many-lines', max: 500 })
  })
})

suite('void', test => {
  const undo = { type: 'voidSale', sale: id(1), reason: 'Undo', afterMs: 4_000 } as const

  test('takes back money, stock and tax, once, and prints a void slip', () => {
    const sold = when(openStall(), sell({ tenders: [cash(euro(20))] })).stall
    const { entries, stall } = when(sold, undo, 5_000)
    assert.equal(
      entries.map(({ type }) => type),
      ['voided', 'stockMoved', 'copyRequested']
    )
    assert.is(get(stall.items, 'bao')?.stock, 24)
    assert.is(get(stall.items, 'tea')?.stock, 5)
    assert.is(stall.grandTotal, 0)
    assert.is(stall.session?.cash, 0)
    assert.equal(Object.values(stall.accounts).filter(Boolean), [])
    assert.equal(stall.due, [{ sale: id(1), copy: 2 }])
    thenRefused(stall, undo, { refused: 'already-voided' }, 6_000)
  })

  test('counts from the tap, so that a restart of the box does not cost the undo', () => {
    const sold = when(openStall(), sell()).stall
    assert.is(when(sold, undo, 10 * 60_000).refusal, null)
    const late = { refused: 'too-late-to-void', windowMs: 9_000 } as const
    thenRefused(sold, { ...undo, afterMs: 9_001 }, late, 10_000)
    thenRefused(sold, undo, late, 20 * 60_000)
  })

  test('is over when the session is closed', () => {
    const sold = when(openStall(), sell()).stall
    const closed = when(sold, { type: 'closeSession', counted: euro(10.5) }).stall
    thenRefused(closed, undo, { refused: 'too-late-to-void', windowMs: 9_000 }, 5_000)
  })
})

suite('receipt numbers', test => {
  test('go on in the log and differ between logs', () => {
    const one = when(openStall(), sell())
    const two = when(one.stall, sell({ sale: id(2) }))
    assert.is(soldIn(two.entries).number, '12-3-2-00')
    // Two cards that were copied from one another open a log each, and count alike.
    const logs = ['00112233445566ff', 'fedcba9876543210'] as LogId[]
    const numbers = logs.map(log => {
      const stall = fold(openStall(), { ...OPENED, log, seq: 0, at: OPENED_AT })
      return soldIn(when(stall, sell()).entries).number
    })
    assert.equal(numbers, ['12-3-1-00', '12-3-1-ZV'])
  })
})
