import * as assert from 'uvu/assert'
import type { Id } from '../../node/core/id.ts'
import { money } from '../../node/core/sell/money.ts'
import type { Sell, Sold } from '../../node/core/sell/sale.ts'
import { isSameSale } from '../../node/http/samesale.ts'
import { suite } from '../harness.ts'

const sale = '000000000000000000000000000000a1' as Id

const sold: Sold = {
  type: 'sold',
  sale,
  session: 1,
  number: '12-1-1-AB',
  currency: 'EUR',
  lines: [
    {
      sku: 'bao',
      name: 'Char siu bao',
      quantity: 3,
      unitPrice: money(333),
      taxClass: 'food',
      discount: { amount: money(100), reason: 'regular' }
    },
    { sku: null, name: 'Sauce', quantity: 1, unitPrice: money(50), taxClass: 'food' }
  ],
  discount: { amount: money(95), reason: 'last ones' },
  taxes: [],
  total: money(854),
  rounding: money(1),
  tenders: [
    { method: 'card', amount: money(500), reference: 'slip 7' },
    { method: 'cash', amount: money(400) }
  ],
  change: money(45),
  isLate: false
}

/** 10.01 % of 999 is 99.9999, which is booked as 100; 10 % of 949 is 94.9, booked as 95. */
const asked: Sell = {
  type: 'sell',
  sale,
  lines: [
    { sku: 'bao', quantity: 3, discount: { ratePpm: 100_100, reason: ' regular' } },
    { sku: null, name: 'Sauce', quantity: 1, unitPrice: money(50), taxClass: 'food' }
  ],
  discount: { ratePpm: 100_000, reason: 'last ones' },
  tenders: sold.tenders,
  ageMs: 5
}

const [bao, sauce] = asked.lines
const [card, cash] = asked.tenders
if (!bao || !sauce || !card || !cash) throw new Error('The example lost a part')

suite('same sale', test => {
  test('a rate past all money is another sale, not a crash', () => {
    const discount = { ratePpm: Number.MAX_SAFE_INTEGER, reason: 'last ones' }
    assert.not.ok(isSameSale({ ...asked, discount }, sold))
    assert.not.ok(isSameSale({ ...asked, lines: [{ ...bao, discount }, sauce] }, sold))
  })

  test('prices and names may be left to the catalogue, and rates are worked out again', () => {
    assert.ok(isSameSale(asked, sold))
    assert.ok(isSameSale({ ...asked, ageMs: 90_000 }, sold))
    const exact: Sell = { type: 'sell', sale, lines: sold.lines, tenders: sold.tenders }
    assert.ok(isSameSale({ ...exact, discount: { amount: money(95), reason: 'last ones' } }, sold))
  })

  test('anything else is another sale', () => {
    const others: readonly Partial<Sell>[] = [
      { sale: '000000000000000000000000000000a2' as Id },
      { lines: [bao] },
      { lines: [sauce, bao] },
      { lines: [{ ...bao, quantity: 2 }, sauce] },
      { lines: [{ sku: 'tea', quantity: 3 }, sauce] },
      { lines: [{ sku: 'bao', quantity: 3, unitPrice: money(334) }, sauce] },
      { lines: [{ sku: 'bao', quantity: 3 }, sauce] },
      { lines: [{ ...bao, discount: { ratePpm: 100_100, reason: 'friend' } }, sauce] },
      { lines: [bao, { ...sauce, discount: { amount: money(0), reason: 'x' } }] },
      {
        lines: [
          bao,
          { sku: null, name: 'Dip', quantity: 1, unitPrice: money(50), taxClass: 'food' }
        ]
      },
      {
        lines: [
          bao,
          { sku: null, name: 'Sauce', quantity: 1, unitPrice: money(50), taxClass: 'gift' }
        ]
      },
      { discount: { ratePpm: 90_000, reason: 'last ones' } },
      { discount: { amount: money(94), reason: 'last ones' } },
      { tenders: [cash, card] },
      { tenders: [card] },
      { tenders: [card, { ...cash, amount: money(401) }] },
      { tenders: [{ ...card, reference: 'slip 8' }, cash] },
      { tenders: [{ method: 'card', amount: money(500) }, cash] }
    ]
    for (const other of others) {
      assert.not.ok(isSameSale({ ...asked, ...other }, sold), JSON.stringify(other))
    }
    const { discount: _, ...undiscounted } = asked
    assert.not.ok(isSameSale(undiscounted, sold))
  })
})
