import * as assert from 'uvu/assert'
import { TAKEN_MAX } from '../../node/core/sell/basket.ts'
import { suite } from '../harness.ts'
import { euro, id, openStall, thenRefused, when } from './given.ts'

const park = (number: number) =>
  ({
    type: 'parkBasket',
    basket: id(number),
    name: 'Red scarf',
    lines: [{ sku: 'bao', quantity: 2 }]
  }) as const

suite('parked baskets', test => {
  test('keep their prices, take no receipt number, and never block the Z', () => {
    let { stall } = when(openStall(), park(1))
    assert.equal(
      stall.parked.map(({ name, lines }) => [name, lines[0]?.unitPrice]),
      [['Red scarf', 650]]
    )
    assert.is(stall.log.receipts, 0)
    stall = when(stall, { type: 'openSession', float: euro(0) }).stall
    stall = when(stall, { type: 'closeSession', counted: euro(0) }).stall
    assert.is(stall.parked.length, 1)
    stall = when(stall, { type: 'takeBasket', basket: id(1) }).stall
    assert.is(stall.parked.length, 0)
    thenRefused(stall, { type: 'takeBasket', basket: id(1) }, { refused: 'unknown-basket' })
  })

  test('that were taken are kept a while for who did not hear, and not parked again', () => {
    let stall = openStall()
    const take = (number: number) =>
      ({ type: 'takeBasket', basket: id(number), wish: id(100 + number) }) as const
    for (let number = 1; number <= TAKEN_MAX + 1; number++) {
      stall = when(when(stall, park(number)).stall, take(number)).stall
    }
    assert.is(when(stall, take(2)).refusal?.refused, 'already-done')
    assert.is(stall.taken.length, TAKEN_MAX)
    const [oldest] = stall.taken
    assert.equal(
      [oldest?.basket, oldest?.name, oldest?.lines[0]?.quantity],
      [id(2), 'Red scarf', 2]
    )
    thenRefused(stall, park(2), { refused: 'already-parked' })
    assert.equal(stall.parked, [])
  })

  test('are limited, and parked once', () => {
    let stall = openStall()
    for (let number = 1; number <= 50; number++) stall = when(stall, park(number)).stall
    thenRefused(stall, park(50), { refused: 'already-parked' })
    thenRefused(stall, park(51), { refused: 'too-many-parked', max: 50 })
  })
})

suite('stock', test => {
  test('a count is kept as the change it makes', () => {
    const { entries } = when(openStall(), { type: 'countStock', sku: 'bao', count: 20 })
    assert.equal(
      entries.map(entry => entry.type === 'ownStockMoved' && [entry.moves, entry.reason]),
      [[[{ sku: 'bao', change: -4 }], 'counted']]
    )
    assert.equal(when(openStall(), { type: 'countStock', sku: 'bao', count: 24 }).entries, [])
  })

  test('shared stock moves in the open', () => {
    const receive = { type: 'moveStock', sku: 'tea', change: 12, reason: 'received' } as const
    assert.is(when(openStall(), receive).entries[0]?.type, 'stockMoved')
    thenRefused(
      openStall(),
      { ...receive, change: 0.5 },
      { refused: 'bad-quantity', sku: 'tea', quantity: 0.5 }
    )
  })
})

suite('printing', test => {
  test('a receipt is due until its outcome is booked, and copies are numbered', () => {
    let { stall } = when(openStall(), {
      type: 'sell',
      sale: id(1),
      lines: [{ sku: 'bao', quantity: 1 }],
      tenders: [{ method: 'cash', amount: euro(6.5) }]
    })
    const printed = { type: 'recordPrint', sale: id(1), copy: 1, outcome: 'printed' } as const
    stall = when(stall, printed).stall
    assert.equal(stall.due, [])
    thenRefused(stall, printed, { refused: 'not-due' })
    stall = when(stall, { type: 'requestCopy', sale: id(1) }).stall
    assert.equal(stall.due, [{ sale: id(1), copy: 2 }])
    thenRefused(stall, { type: 'requestCopy', sale: id(9) }, { refused: 'unknown-sale' })
  })
})
