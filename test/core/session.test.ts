import * as assert from 'uvu/assert'
import { money } from '../../node/core/sell/money.ts'
import { suite } from '../harness.ts'
import { euro, id, openStall, soldIn, thenRefused, total, when } from './given.ts'

const bao = (number: number, ageMs = 0) =>
  ({
    type: 'sell',
    sale: id(number),
    lines: [{ sku: 'bao', quantity: 1 }],
    tenders: [{ method: 'cash', amount: euro(6.5) }],
    ageMs
  }) as const

suite('session', test => {
  test('expects float, cash sales and what was put in less what was taken out', () => {
    let { stall } = when(openStall(), { type: 'openSession', float: euro(100) })
    stall = when(stall, bao(1)).stall
    stall = when(stall, { type: 'moveCash', amount: euro(-50), reason: 'To the bank' }).stall
    stall = when(stall, { type: 'moveCash', amount: euro(5), reason: 'Coins' }).stall
    assert.is(stall.session?.cash, euro(61.5))
    assert.is(stall.accounts['cash'], euro(61.5))
    stall = when(stall, { type: 'closeSession', counted: euro(61) }).stall
    const [closing] = stall.closings
    assert.is(closing?.cash, euro(61.5))
    assert.is(closing?.counted, euro(61))
    assert.is(closing?.grandTotal, euro(6.5))
    assert.is(stall.accounts['over-short'], euro(0.5))
    assert.is(stall.accounts['cash'], 0)
    assert.is(total(stall), 0)
  })

  test('Z reports count up and never wait for a late sale, which joins the next one', () => {
    let { stall } = when(openStall(), bao(1))
    stall = when(stall, { type: 'closeSession', counted: euro(6.5) }, 60_000).stall
    const late = when(stall, bao(2, 90_000), 100_000)
    assert.is(soldIn(late.entries).isLate, true)
    assert.is(soldIn(late.entries).session, 2)
    assert.is(late.stall.session?.lateSales, 1)
    const fresh = when(late.stall, bao(3), 120_000)
    assert.is(soldIn(fresh.entries).isLate, false)
    stall = when(fresh.stall, { type: 'closeSession', counted: euro(13) }, 130_000).stall
    assert.equal(
      stall.closings.map(({ session, firstNumber, lastNumber }) => [
        session,
        firstNumber,
        lastNumber
      ]),
      [
        [1, '12-3-1-00', '12-3-1-00'],
        [2, '12-3-2-00', '12-3-3-00']
      ]
    )
  })

  test('is opened and closed once, with amounts that make sense', () => {
    const { stall } = when(openStall(), { type: 'openSession', float: euro(10) })
    thenRefused(
      stall,
      { type: 'openSession', float: euro(10) },
      { refused: 'session-open', session: 1 }
    )
    thenRefused(openStall(), { type: 'closeSession', counted: euro(0) }, { refused: 'no-session' })
    const amount = money(-1)
    thenRefused(
      openStall(),
      { type: 'openSession', float: amount },
      { refused: 'bad-amount', what: 'float', amount }
    )
    thenRefused(
      stall,
      { type: 'moveCash', amount: euro(1), reason: '' },
      { refused: 'reason-missing', what: 'cash' }
    )
  })
})
