import * as assert from 'uvu/assert'
import type { LogId } from '../../../node/core/id.ts'
import {
  type DropFact,
  type DropState,
  decideDropSale,
  decideGrant,
  decideOverride,
  decideReturn,
  decideTakeover,
  emptyDrop,
  foldDrop,
  isLeaseLive,
  remaining,
  rightsOf
} from '../../../node/core/share/drop.ts'
import { suite } from '../../harness.ts'
import { A, B1, B2, COPY, RULES, type Rules, walk } from './market-of-drops.ts'

const now = { bootId: 'now', monoMs: 60_000 }
const lease = { bootId: 'now', askedMonoMs: 0, leaseMs: 600_000 }

const given = (...facts: readonly (readonly [LogId, DropFact])[]): DropState =>
  facts.reduce((state, [log, fact]) => foldDrop(state, log, fact), emptyDrop(A))

const minted = [A, { type: 'dropMinted', count: 5 }] as const
const granted = [A, { type: 'rightsGranted', to: B1, count: 2, leaseMs: 600_000 }] as const

suite('drop', test => {
  test('who holds rights sells, and one unit more is refused', () => {
    const state = given(minted, granted)
    const asked = { log: B1, count: 2, lease, now }
    const sold = decideDropSale(state, asked)
    assert.equal(sold, [{ type: 'dropSold', count: 2 }])
    assert.equal(decideDropSale(state, { ...asked, count: 3 }), {
      refused: 'not-enough-rights',
      rights: 2
    })
    const after = given(minted, granted, [B1, { type: 'dropSold', count: 2 }])
    assert.is(remaining(after), 3)
    assert.equal([rightsOf(after, A), rightsOf(after, B1)], [3, 0])
  })

  test('a sale that was heard of before its grant makes nobody believe in rights', () => {
    const state = given([B1, { type: 'dropSold', count: 2 }])
    assert.is(rightsOf(state, B1), -2)
    const grant = decideGrant(state, { log: B1, count: 1, lease, now, to: B2, leaseMs: 1 })
    assert.is('refused' in grant && grant.refused, 'not-enough-rights')
  })

  test('a lease ends a little early, and with every restart', () => {
    assert.ok(isLeaseLive(lease, { ...now, monoMs: 599_000 }))
    assert.not(isLeaseLive(lease, { ...now, monoMs: 599_500 }))
    assert.not(isLeaseLive(lease, { bootId: 'later', monoMs: 1 }))
    const state = given(minted, granted)
    for (const bad of [null, { ...lease, bootId: 'before' }]) {
      const sale = decideDropSale(state, { log: B1, count: 1, lease: bad, now })
      assert.equal(sale, { refused: 'lease-over' })
    }
    // The authority has what it minted without a lease.
    const own = decideDropSale(state, { log: A, count: 3, lease: null, now })
    assert.not('refused' in own)
  })

  test('counts that are none are refused', () => {
    for (const count of [0, -1, 1.5, Number.NaN]) {
      const sale = decideDropSale(given(minted), { log: A, count, lease: null, now })
      assert.equal(sale, { refused: 'bad-count' })
    }
  })

  test('who stopped gives all back, once', () => {
    const state = given(minted, granted)
    const [back] = decideReturn(state, B1)
    assert.equal(back, { type: 'rightsReturned', to: A, count: 2 })
    const after = back ? foldDrop(state, B1, back) : state
    assert.equal([rightsOf(after, A), rightsOf(after, B1)], [5, 0])
    assert.equal(decideReturn(after, B1), [])
  })

  test('a new log takes over from the one that ended on its board, when all of it is here', () => {
    const state = given(minted, granted, [B1, { type: 'dropSold', count: 1 }])
    const ended = { ended: B1, size: 1, next: B2, isSameBoard: true }
    assert.equal(decideTakeover(state, A, ended, 1), [
      { type: 'rightsTakenOver', from: B1, to: B2, count: 1 }
    ])
    assert.equal(decideTakeover(state, A, ended, 0), { refused: 'not-the-end' })
    assert.equal(decideTakeover(state, A, ended, 2), { refused: 'not-the-end' })
    assert.equal(decideTakeover(state, B2, ended, 1), { refused: 'not-the-authority' })
    const copied = { ...ended, next: COPY, isSameBoard: false }
    assert.equal(decideTakeover(state, A, copied, 1), { refused: 'another-board' })
  })

  test("a person's word takes rights from who is gone, and is counted as what it is", () => {
    const state = given(minted, granted)
    const [fact] = decideOverride(state, A, B1) as readonly DropFact[]
    assert.equal(fact, { type: 'rightsOverridden', from: B1, count: 2 })
    const after = fact ? foldDrop(state, A, fact) : state
    assert.equal([rightsOf(after, A), after.overridden], [5, 2])
    assert.equal(decideOverride(state, B1, A), { refused: 'not-the-authority' })
  })

  test('nobody but the authority mints, takes over or overrides', () => {
    const facts: readonly DropFact[] = [
      { type: 'dropMinted', count: 9 },
      { type: 'rightsTakenOver', from: A, to: B1, count: 5 },
      { type: 'rightsOverridden', from: A, count: 5 }
    ]
    for (const fact of facts) assert.equal(given(minted, [B1, fact]), given(minted))
  })
})

/** Rules that look well and are not. The walk must find how each oversells. */
const WRONG: readonly (readonly [why: string, rules: Partial<Rules>])[] = [
  [
    'a copied card takes over as well',
    {
      takeover: (state, log, succession, size) =>
        decideTakeover(state, log, { ...succession, isSameBoard: true }, size)
    }
  ],
  [
    'a takeover does not wait for the end of the log',
    {
      takeover: (state, log, succession) => decideTakeover(state, log, succession, succession.size)
    }
  ],
  [
    'a new boot goes on with the rights of the log before it, and so does a copy',
    {
      rightsAfterStart: (state, next, ended) => ({
        ...state,
        rightsByLog: {
          ...state.rightsByLog,
          [next]: rightsOf(state, next) + rightsOf(state, ended)
        }
      }),
      sale: (state, asked) => decideDropSale(state, { ...asked, lease })
    }
  ],
  [
    'rights come back to the authority when a lease runs out, unheard sales and all',
    {
      onLeaseOver: (state, holder) => {
        const count = rightsOf(state, holder)
        return count > 0 ? [{ type: 'rightsTakenOver', from: holder, to: A, count }] : []
      }
    }
  ]
]

/** `test/system` walks further. */
const FACTS_MAX = 4

suite('drop: every market of a few facts', test => {
  test('none oversells, through leases, power cuts, takeovers and a copied card', () => {
    const { oversold, states, sold } = walk(RULES, FACTS_MAX)
    assert.is(oversold, undefined, JSON.stringify(oversold))
    assert.ok(states > 10_000, `${states} states`)
    assert.is(sold, 2)
  })

  for (const [why, wrong] of WRONG) {
    test(`it would be found if ${why}`, () => {
      assert.ok(walk({ ...RULES, ...wrong }, FACTS_MAX).oversold)
    })
  }
})
