import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Id } from '../../node/core/id.ts'
import { money, sum } from '../../node/core/sell/money.ts'
import {
  addItem,
  addLine,
  type Basket,
  basketAgain,
  countOf,
  EMPTY,
  quoteBasket,
  saleOf,
  setDiscount,
  setQuantity
} from '../../node/pages/till/basket.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'

const { items, terms } = nightMarket()
const [bao, tako] = items
if (!bao || !tako) throw new Error('The night market is closed')
const mintOf = (digit: string) => () => digit.repeat(32) as Id

suite('basket', test => {
  test('the first item mints the sale’s id, the last one takes it along', () => {
    const one = addItem(EMPTY, bao, 1, mintOf('a'))
    const two = addItem(one, tako, 1, mintOf('b'))
    assert.is(two.id, 'a'.repeat(32))
    const none = setQuantity(setQuantity(two, bao.sku, 0), tako.sku, 0)
    assert.equal(none, EMPTY)
    assert.is(addItem(none, bao, 1, mintOf('c')).id, 'c'.repeat(32))
  })

  test('a line keeps the price of its first tap', () => {
    const before = addItem(EMPTY, bao, 1, mintOf('a'))
    const after = addItem(before, { ...bao, price: money(990) }, 2, mintOf('b'))
    assert.is(after.lines.length, 1)
    assert.is(after.lines[0]?.unitPrice, bao.price)
    assert.is(countOf(after), 3)
  })

  test('percentages leave as the amounts that the keeper saw', () => {
    const full = addItem(EMPTY, bao, 3, mintOf('a'))
    const off = setDiscount(full, bao.sku, { ratePpm: 100_000, reason: 'friend' })
    const both = setDiscount(off, null, { ratePpm: 500_000, reason: 'last one' })
    const sale = saleOf(both)
    assert.is(sale.lines[0]?.discount?.amount, 195)
    assert.is(sale.discount?.amount, 878)
    assert.is(quoteBasket(both, terms.taxClasses).total, 1950 - 195 - 878)
    assert.equal(setDiscount(setDiscount(both, null, null), bao.sku, null), full)
  })

  test('no more comes off than there is', () => {
    const basket = setDiscount(addItem(EMPTY, bao, 1, mintOf('a')), null, {
      amount: money(5000),
      reason: 'made good'
    })
    assert.is(saleOf(basket).discount?.amount, 650)
    assert.is(quoteBasket(basket, terms.taxClasses).total, 0)
  })

  test('what was parked or refused comes back with its prices, as a new sale', () => {
    const before = addItem(addLine(EMPTY, openLine('open'), mintOf('a')), bao, 2, mintOf('a'))
    const discount = { amount: money(100), reason: 'friend' }
    const again = basketAgain({ lines: saleOf(before).lines, discount }, mintOf('b'))
    assert.is(again.id, 'b'.repeat(32))
    assert.is(quoteBasket(again, terms.taxClasses).total, 999_999_999 + 1300 - 100)
    assert.is(countOf(setQuantity(again, bao.sku, 0)), 1)
    assert.is(basketAgain({ lines: [] }, mintOf('b')), EMPTY)
  })

  test('a full basket comes back as it was', () => {
    let basket: Basket = EMPTY
    for (let at = 0; at < 500; at++) basket = addLine(basket, openLine(`open ${at}`), mintOf('a'))
    assert.is(addLine(basket, openLine('one more'), mintOf('a')), basket)
    assert.is(setQuantity(basket, 'open 1', 10_000), basket)
  })

  test('whatever is tapped, the lines sum to the total and nothing overflows', () => {
    const line = fc.record({
      at: fc.nat(items.length - 1),
      times: fc.integer({ min: 1, max: 9999 })
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.nat(1_000_000),
        (taps, rate) => {
          const tapped = taps.reduce<Basket>((basket, { at, times }) => {
            const item = items[at]
            return item ? addItem(basket, item, times, mintOf('a')) : basket
          }, EMPTY)
          const basket = setDiscount(tapped, null, { ratePpm: rate, reason: 'x' })
          const { lines, total, discounts } = quoteBasket(basket, terms.taxClasses)
          assert.is(sum(lines.map(each => each.amount)), total)
          assert.is(sum(lines.map(each => each.gross)), total + discounts)
          assert.ok(total >= 0)
        }
      ),
      { numRuns: 60, seed: 7 }
    )
  })
})

const openLine = (key: string) => ({
  key,
  sku: null,
  name: 'Open item',
  quantity: 1,
  unitPrice: money(999_999_999),
  taxClass: 'food'
})
