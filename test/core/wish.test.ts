import * as assert from 'uvu/assert'
import type { Command } from '../../node/core/command.ts'
import { fold } from '../../node/core/stall.ts'
import { WISHES_MAX } from '../../node/core/wish.ts'
import { suite } from '../harness.ts'
import { euro, id, openStall, thenRefused, when } from './given.ts'

const open = { type: 'openSession', float: euro(100), wish: id(1) } as const
const ice = { type: 'moveCash', amount: euro(-5), reason: 'Ice', wish: id(2) } as const

suite('a named wish', test => {
  test('comes true once, and says where when it is sent again', () => {
    const { stall, entries } = when(when(openStall(), open).stall, ice)
    assert.equal(
      entries.map(entry => entry.type === 'cashMoved' && [entry.amount, entry.wish]),
      [[euro(-5), id(2)]]
    )
    const [{ log, seq }] = entries as [(typeof entries)[number]]
    thenRefused(stall, ice, { refused: 'already-done', place: { log, seq } })
    assert.is(when(stall, { ...ice, wish: id(3) }).stall.session?.cash, euro(90))
  })

  test('without a name comes true as often as it is sent', () => {
    const { wish: _, ...unnamed } = ice
    let { stall } = when(openStall(), open)
    for (let time = 0; time < 2; time++) stall = when(stall, unnamed).stall
    assert.is(stall.session?.cash, euro(90))
    assert.is(stall.wishes.length, 1)
  })

  test('that was refused may still come true', () => {
    const refused = when(openStall(), ice)
    assert.equal(refused.refusal, { refused: 'no-session' })
    const { stall } = when(refused.stall, open)
    assert.is(when(stall, ice).stall.session?.cash, euro(95))
  })

  test('to close is not taken for one to close the next session', () => {
    const close = { type: 'closeSession', counted: euro(100), wish: id(4) } as const
    const closed = when(when(openStall(), open).stall, close)
    const next = when(closed.stall, { type: 'openSession', float: euro(20) }).stall
    assert.is(when(next, close).refusal?.refused, 'already-done')
    assert.is(next.session?.session, 2)
  })

  test('to set stock by a count is written even when it changes nothing', () => {
    const count = { type: 'countStock', sku: 'bao', count: 24, wish: id(5) } as const
    const { stall, entries } = when(openStall(), count)
    assert.equal(
      entries.map(entry => entry.type === 'ownStockMoved' && [entry.moves, entry.counted]),
      [[[{ sku: 'bao', change: 0 }], 24]]
    )
    const sold = when(stall, {
      type: 'sell',
      sale: id(9),
      lines: [{ sku: 'bao', quantity: 2 }],
      tenders: [{ method: 'cash', amount: euro(13) }]
    }).stall
    assert.is(when(sold, count).refusal?.refused, 'already-done')
  })

  test('that two logs hold after a write that seemed to fail counts once', () => {
    const { stall } = when(openStall(), open)
    const tries = [when(stall, ice), when(stall, ice)].flatMap(({ entries }) => entries)
    assert.is(new Set(tries.map(({ seq }) => seq)).size, 2)
    const both = tries.reduce(fold, stall)
    assert.is(both.session?.cash, euro(95))
    assert.is(both.accounts['cash'], euro(95))
  })

  test('is known for as long as 500 newer ones', () => {
    let { stall } = when(openStall(), open)
    const coins = (number: number): Command => ({ ...ice, wish: id(1_000 + number) })
    for (let number = 1; number < WISHES_MAX; number++) stall = when(stall, coins(number)).stall
    assert.is(when(stall, open).refusal?.refused, 'already-done')
    stall = when(stall, coins(WISHES_MAX)).stall
    assert.is(stall.wishes.length, WISHES_MAX)
    assert.equal(when(stall, open).refusal, { refused: 'session-open', session: 1 })
  })
})
