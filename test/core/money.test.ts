import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  allocate,
  currencyOf,
  divideRound,
  money,
  moneyText,
  sum
} from '../../node/core/sell/money.ts'
import { quote, roundCash } from '../../node/core/sell/quote.ts'
import { emptyTable, get, remove, rows, set, type Table, tableOf } from '../../node/core/table.ts'
import { suite } from '../harness.ts'
import { TERMS } from './given.ts'

const amounts = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map(money)

suite('money', test => {
  test('allocation sums to the whole, and no part is off by more than a coin', () => {
    fc.assert(
      fc.property(amounts, fc.array(fc.nat(1_000_000), { minLength: 1 }), (whole, weights) => {
        const parts = allocate(whole, weights)
        assert.is(sum(parts), whole)
        const all = weights.reduce((total, weight) => total + weight, 0)
        if (all === 0) return
        weights.forEach((weight, at) => {
          assert.ok(Math.abs((parts[at] ?? 0) - (whole * weight) / all) <= 1)
        })
      })
    )
  })

  test('rounds half away from zero', () => {
    assert.equal(
      [5n, -5n, 4n, 15n].map(dividend => divideRound(dividend, 10n)),
      [1n, -1n, 0n, 2n]
    )
  })

  test('is written with the digits of its currency', () => {
    assert.equal(
      ['EUR', 'JPY', 'KWD'].map(code => moneyText(money(-1205), currencyOf(code))),
      ['-12.05', '-1205', '-1.205']
    )
    assert.is(moneyText(money(5), currencyOf('EUR')), '0.05')
  })

  test('cash is rounded to the nearest coin, ties by the rule of the country', () => {
    const to = (tie: 'up' | 'down') =>
      [2, 3, 5, 7, 8].map(cents => roundCash(money(cents), { step: 10, tie }))
    assert.equal(to('up'), [0, 0, 10, 10, 10])
    assert.equal(to('down'), [0, 0, 0, 10, 10])
  })

  test('a basket adds up: net and tax of all classes are the total', () => {
    const line = fc.record({
      unitPrice: fc.nat(100_000).map(money),
      quantity: fc.integer({ min: 1, max: 50 }),
      taxClass: fc.constantFrom('food', 'drink', 'us', 'gone')
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.nat(1_000),
        (lines, percent) => {
          const whole = lines.reduce((all, each) => all + each.quantity * each.unitPrice, 0)
          const amount = money(Math.floor((whole * percent) / 1_000))
          const {
            taxes,
            total,
            lines: quoted
          } = quote({
            lines: lines.map(each => ({ sku: null, name: 'x', ...each })),
            discount: { amount, reason: 'x' },
            taxClasses: TERMS.taxClasses
          })
          assert.is(sum(taxes.flatMap(({ net, tax }) => [net, tax])), total)
          assert.is(sum(quoted.map(each => each.amount)), whole - amount)
        }
      )
    )
  })
})

suite('table', test => {
  test('behaves as a map, and leaves the old one as it was', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 }).map(String), fc.nat())
    fc.assert(
      fc.property(fc.array(step), steps => {
        const map = new Map<string, number>()
        let table: Table<number> = emptyTable
        for (const [isSet, key, value] of steps) {
          const before = table
          const old = get(before, key)
          if (isSet) map.set(key, value)
          else map.delete(key)
          table = isSet ? set(table, key, value) : remove(table, key)
          assert.is(get(before, key), old)
          assert.is(table.size, map.size)
        }
        const sorted = (pairs: Iterable<readonly [string, number]>) => [...pairs].sort()
        assert.equal(sorted(rows(table)), sorted(map))
        assert.equal(sorted(rows(tableOf(map))), sorted(map))
      })
    )
  })
})
