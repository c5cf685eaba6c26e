import * as assert from 'uvu/assert'
import { type Money, money } from '../../node/core/sell/money.ts'
import {
  cashTenders,
  givenBack,
  noteOffers,
  payment,
  remaining
} from '../../node/pages/till/pay.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'

const { terms } = nightMarket()
const swiss = { ...terms, cashRounding: { step: 5, tie: 'up' as const } }
const give = (method: string, amount: number) => ({ method, amount: money(amount) })

suite('pay', test => {
  test('notes are offered as people hand them over, never the exact sum again', () => {
    const offers = (due: number) => noteOffers(money(due), terms, 3) as readonly number[]
    assert.equal(offers(1050), [1500, 2000, 5000])
    assert.equal(offers(1000), [2000, 5000])
    assert.equal(offers(300), [500, 1000, 2000])
    assert.equal(offers(40_000), [])
    assert.equal(offers(0), [])
  })

  test('exact cash pays, a note gives change', () => {
    assert.equal(pay(1050, [give('cash', 1050)]), { change: 0 })
    assert.equal(pay(1050, [give('cash', 2000)]), { change: 950 })
  })

  test('a split payment shows what remains after each part', () => {
    const [cash, card] = [give('cash', 500), give('card', 550)]
    assert.equal(remaining(money(1050), [], terms), { exact: 1050, cash: 1050 })
    assert.equal(payment(money(1050), [cash], terms), { missing: 550 })
    assert.equal(remaining(money(1050), [cash], terms), { exact: 550, cash: 550 })
    assert.equal(pay(1050, [cash, card]), { change: 0 })
  })

  test('only the part that is paid in cash is rounded', () => {
    assert.equal(remaining(money(1053), [], swiss), { exact: 1053, cash: 1055 })
    assert.equal(remaining(money(1053), [give('card', 500)], swiss), { exact: 553, cash: 555 })
    const paid = payment(money(1053), [give('card', 500), give('cash', 555)], swiss)
    assert.is('change' in paid && paid.change, 0)
    const rest = remaining(money(1053), [give('cash', 500)], swiss)
    assert.equal(rest, { exact: 553, cash: 555 })
  })

  test('a card is never charged over what is due', () => {
    assert.equal(payment(money(1050), [give('card', 1100)], terms), { over: 50 })
  })

  test('a basket that costs nothing needs no tender', () => {
    assert.equal(cashTenders(money(0), terms), [])
    assert.equal(pay(0, []), { change: 0 })
  })
})

function pay(total: number, tenders: readonly { method: string; amount: Money }[]) {
  const paid = payment(money(total), tenders, terms)
  return 'change' in paid ? { change: paid.change } : paid
}

suite('what goes back after an undo', test => {
  const kinds = [
    { method: 'cash', name: 'Cash', isCash: true },
    { method: 'card', name: 'Card', isCash: false }
  ]
  const given = (method: string, amount: number) => ({ method, amount: money(amount) })

  test('of a note only what the change left', () => {
    const paid = { tenders: [given('cash', 2000)], total: money(1050), change: money(950) }
    assert.equal(givenBack(paid, kinds), [{ ...given('cash', 1050), isCash: true }])
  })

  test('each part of a split the way it came', () => {
    const tenders = [given('cash', 200), given('card', 850)]
    assert.equal(givenBack({ tenders, total: money(1050), change: money(0) }, kinds), [
      { ...given('cash', 200), isCash: true },
      { ...given('card', 850), isCash: false }
    ])
  })
})
