import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import { AMOUNT_MAX, money } from '../../node/core/sell/money.ts'
import { fold } from '../../node/core/stall.ts'
import { rows } from '../../node/core/table.ts'
import { suite } from '../harness.ts'
import { id, openStall, total, when } from './given.ts'

const amount = fc.integer({ min: -100, max: 100_000 }).map(cents => cents as never)
const tenders = fc.array(fc.record({ method: fc.constantFrom('cash', 'card'), amount }), {
  maxLength: 3
})
const lines = fc.array(
  fc.record({ sku: fc.constantFrom('bao', 'tea'), quantity: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 5 }
)
const sale = fc.integer({ min: 1, max: 12 }).map(id)
/** Wishes that a till names; few names, so that they come again on the same wish and on others. */
const nameable = fc.oneof(
  fc.record({ type: fc.constant('openSession' as const), float: amount }),
  fc.record({ type: fc.constant('closeSession' as const), counted: amount }),
  fc.record({ type: fc.constant('moveCash' as const), amount, reason: fc.constant('Coins') }),
  fc.record({
    type: fc.constant('moveStock' as const),
    sku: fc.constantFrom('bao', 'tea'),
    change: fc.integer({ min: -5, max: 5 }),
    reason: fc.constant('received' as const)
  }),
  fc.record({
    type: fc.constant('countStock' as const),
    sku: fc.constant('tea'),
    count: fc.nat(50)
  }),
  fc.record({ type: fc.constant('requestCopy' as const), sale }),
  fc.record({ type: fc.constant('takeBasket' as const), basket: sale })
)
const wish = fc.integer({ min: 1, max: 20 }).map(id)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('sell' as const), sale, lines, tenders }) },
  fc.record({
    type: fc.constant('voidSale' as const),
    sale,
    reason: fc.constantFrom('', 'Undo'),
    afterMs: fc.nat(12_000)
  }),
  fc.record({
    type: fc.constant('parkBasket' as const),
    basket: sale,
    name: fc.constant('Red scarf'),
    lines
  }),
  { weight: 2, arbitrary: nameable },
  { weight: 4, arbitrary: fc.tuple(nameable, wish).map(([each, wish]) => ({ ...each, wish })) }
)

const huge = fc.oneof(
  fc.constantFrom(...[0, 1, 2, 3, 4].map(halvings => Math.floor(AMOUNT_MAX / 2 ** halvings))),
  fc.integer({ min: 0, max: 2_000 }).map(little => AMOUNT_MAX - little),
  fc.maxSafeInteger().map(Math.abs)
)
const hugeAmount = fc
  .oneof(
    huge,
    huge.map(amount => -amount)
  )
  .map(amount => amount as never)
/** An open item sold for as much as is given, so that many of these wishes come true. */
const hugeSale = fc
  .tuple(sale, huge, huge, fc.constantFrom('food', 'us'), fc.constantFrom('cash', 'card'))
  .map(([sale, price, given, taxClass, method]) => ({
    type: 'sell' as const,
    sale,
    lines: [{ sku: null, name: 'Boat', taxClass, quantity: 1, unitPrice: money(price) }],
    tenders: [{ method, amount: money(method === 'cash' ? given : price) }]
  }))
const hugeCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: hugeSale },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('voidSale' as const),
      sale,
      reason: fc.constant('Undo'),
      afterMs: fc.constant(0)
    })
  },
  fc.record({ type: fc.constant('openSession' as const), float: hugeAmount }),
  fc.record({ type: fc.constant('closeSession' as const), counted: hugeAmount }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('moveCash' as const),
      amount: hugeAmount,
      reason: fc.constant('Coins')
    })
  },
  command
)

suite('books', test => {
  test('no amounts up to 2^53-1, in any order, make a sum that cannot be counted', () => {
    fc.assert(
      fc.property(fc.array(hugeCommand, { maxLength: 30 }), commands => {
        commands.reduce((stall, each, index) => {
          const after = when(stall, each, index * 100).stall
          // In BigInt, for sums of sums pass what a number holds.
          const balances = Object.values(after.accounts).map(BigInt)
          assert.is(
            balances.reduce((all, each) => all + each, 0n),
            0n
          )
          return after
        }, openStall())
      }),
      { numRuns: 2_000 }
    )
  })

  test('sales undone add up too: the sum that only grows is the first to be full', () => {
    const price = money(2_250_000_000_000_000)
    let stall = openStall()
    const refusals = Array.from({ length: 6 }, (_, index) => {
      const sale = id(index + 1)
      const line = { sku: null, name: 'Boat', taxClass: 'food', quantity: 1, unitPrice: price }
      const tenders = [{ method: 'card', amount: price }]
      const sold = when(stall, { type: 'sell', sale, lines: [line], tenders })
      stall = when(sold.stall, { type: 'voidSale', sale, reason: 'Undo', afterMs: 0 }).stall
      return sold.refusal?.refused
    })
    assert.is(refusals[0], undefined)
    assert.is(refusals.at(-1), 'amount-too-large')
  })

  test('balance after any wishes: nothing is made, lost, or booked twice', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), commands => {
        let stall = openStall({ cashRounding: { step: 5, tie: 'up' } })
        const entries: Entry[] = []
        commands.forEach((each, index) => {
          const done = when(stall, each, index * 100)
          stall = done.stall
          entries.push(...done.entries)
          assert.is(total(stall), 0)
          assert.is(stall.accounts['due'] ?? 0, 0)
          assert.is(stall.accounts['cash'] ?? 0, stall.session?.cash ?? 0)
        })
        const sold = entries.flatMap(entry => (entry.type === 'sold' ? [entry] : []))
        assert.is(new Set(sold.map(each => each.sale)).size, sold.length)
        assert.is(new Set(sold.map(each => each.number)).size, sold.length)
        const wishes = entries.flatMap(entry => ('wish' in entry ? [entry.wish] : []))
        assert.is(new Set(wishes).size, wishes.length)
        const kept = sold.filter(
          each => ![...rows(stall.sales)].find(([key, row]) => key === each.sale && row.isVoided)
        )
        assert.is(
          kept.reduce((all, each) => money(all + each.total), money(0)),
          stall.grandTotal
        )
      })
    )
  })

  test('a named wish that came true changes nothing any more, whatever happens in between', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), commands => {
        let stall = openStall()
        const done: { readonly command: Command; readonly entries: readonly Entry[] }[] = []
        commands.forEach((each, index) => {
          const { entries, ...after } = when(stall, each, index * 100)
          stall = after.stall
          if ('wish' in each && entries.length > 0) done.push({ command: each, entries })
        })
        for (const { command, entries } of done) {
          const [first] = entries
          const place = { log: first?.log, seq: first?.seq }
          const again = when(stall, command, 60_000)
          assert.equal(again.refusal, { refused: 'already-done', place })
          assert.equal(entries.reduce(fold, stall), stall)
        }
      })
    )
  })

  test('come out the same however often the entries are read again', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), commands => {
        const start = openStall()
        let stall = start
        const entries: Entry[] = []
        commands.forEach((each, index) => {
          const done = when(stall, each, index * 100)
          stall = done.stall
          entries.push(...done.entries)
        })
        assert.equal(entries.reduce(fold, start), stall)
      }),
      { numRuns: 50 }
    )
  })
})
