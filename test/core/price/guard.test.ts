import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type Asked, guard, type PriceReason } from '../../../node/core/price/guard.ts'
import type { PricedItem, Scene, Shelf } from '../../../node/core/price/item.ts'
import { priceOf, rungAtMost } from '../../../node/core/price/ladder.ts'
import { type Charm, DEFAULT_POLICY, type PricePolicy } from '../../../node/core/price/policy.ts'
import { reasonWords } from '../../../node/core/price/words.ts'
import type { Money } from '../../../node/core/sell/money.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'
import { asked, lemonade, MINUTE_MS, NOON } from './given.ts'

const amount = (min: number, max: number) =>
  fc.integer({ min, max }).map((cents): Money => cents as Money)
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })

const items: fc.Arbitrary<PricedItem> = fc.record({
  sku: fc.constant('any'),
  list: amount(0, 5_000),
  cost: maybe(amount(0, 6_000)),
  salvage: amount(0, 3_000),
  floor: maybe(amount(0, 5_000)),
  cap: maybe(amount(0, 8_000)),
  step: fc.constantFrom(1, 5, 10, 25, 50, 100).map(step => step as Money),
  elasticity: fc.constant(null),
  mayClear: fc.boolean(),
  isLocked: rarely()
})
const shelves: fc.Arbitrary<Shelf> = fc.record({
  price: amount(1, 9_000),
  changedAt: maybe(fc.integer({ min: NOON - 100 * MINUTE_MS, max: NOON })),
  stock: fc.option(fc.integer({ min: -3, max: 90 }), { nil: null, freq: 9 }),
  soldEver: fc.integer({ min: 0, max: 30 }),
  isInOpenBasket: fc.boolean(),
  isVetoed: rarely()
})
const scenes: fc.Arbitrary<Scene> = fc.record({
  at: fc.constant(NOON),
  closesAt: maybe(fc.constantFrom(NOON + 60 * MINUTE_MS, NOON + 600 * MINUTE_MS)),
  isCustomerThere: fc.constantFrom(true, false, null),
  marketDays: fc.integer({ min: 0, max: 3 }),
  fault: fc.option(fc.constantFrom('clock-jumped', 'footfall-unreadable'), { nil: null, freq: 1 })
})
const charms: fc.Arbitrary<Charm | null> = fc.constantFrom(
  null,
  { every: 100 as Money, less: 1 as Money },
  { every: 100 as Money, less: 5 as Money }
)
const policies: fc.Arbitrary<PricePolicy> = fc.record({
  changeMax: fc.constantFrom(0, 0.05, 0.1, 0.15),
  belowListMax: fc.constantFrom(0.1, 0.5, 1),
  aboveListMax: fc.constantFrom(0, 0.1, 0.6),
  marginMin: fc.constantFrom(null, 0, 0.1),
  clearanceMs: fc.constant(120 * MINUTE_MS),
  holdMs: fc.constantFrom(0, 60 * MINUTE_MS),
  coldSales: fc.constantFrom(0, 5),
  coldDays: fc.constantFrom(0, 1),
  charm: charms,
  counterShare: fc.constant(0.9)
})
const anything: fc.Arbitrary<Asked> = fc.record({
  item: items,
  shelf: shelves,
  scene: scenes,
  policy: policies
})
const wishes = fc.oneof(fc.double(), fc.integer({ min: -100, max: 20_000 }))

function rarely(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 9 }).map(each => each === 0)
}

/** What holds whatever a stall, its keeper and the model are like. */
const holdsAlways = (rule: (given: Asked, price: Money, reason: PriceReason) => boolean): void =>
  fc.assert(
    fc.property(anything, wishes, (given, wish) => {
      const { price, reason } = guard(given, () => wish)
      return rule(given, price, reason)
    }),
    { seed: 6, numRuns: 4_000 }
  )

const boundsOf = ({ item, scene, policy }: Asked): readonly [number, number] => {
  const isClearing = item.mayClear && scene.closesAt === NOON + 60 * MINUTE_MS
  const margin = policy.marginMin === null || isClearing ? 0 : 1 + policy.marginMin
  return [
    Math.max(
      item.floor ?? 0,
      item.salvage,
      item.list * (1 - policy.belowListMax),
      (item.cost ?? 0) * margin
    ),
    Math.min(item.cap ?? Number.MAX_VALUE, item.list * (1 + policy.aboveListMax))
  ]
}

suite('guard: whatever the model wishes', test => {
  test('no price changes by more than a window may', () => {
    holdsAlways(
      ({ shelf, policy }, price) =>
        Math.abs(price / shelf.price - 1) <= policy.changeMax + Number.EPSILON * 4
    )
  })

  test('a price within its bounds stays there, and one outside only comes closer', () => {
    holdsAlways((given, price) => {
      const [lowest, highest] = boundsOf(given)
      const outside = (at: number) => Math.max(0, lowest - at, at - highest)
      return (
        price === given.shelf.price ||
        outside(price) <= Math.max(0, outside(given.shelf.price) - 1) ||
        outside(price) < 1e-6
      )
    })
  })

  test('a price that moves stands on the ladder, charm and all', () => {
    holdsAlways(({ item, shelf, policy }, price) => {
      const ladder = { step: item.step, charm: policy.charm }
      return price === shelf.price || priceOf(ladder, rungAtMost(ladder, price)) === price
    })
  })

  test('a price that changed stays for the hold time', () => {
    holdsAlways(({ shelf, policy }, price) => {
      const isHeld = shelf.changedAt !== null && NOON - shelf.changedAt < policy.holdMs
      return !isHeld || price === shelf.price
    })
  })

  test('nothing rises in front of a customer, nor in an open basket', () => {
    holdsAlways(
      ({ shelf, scene }, price) =>
        price <= shelf.price || !(scene.isCustomerThere === true || shelf.isInOpenBasket)
    )
  })

  test('bad inputs, sold-out, promised, vetoed and cold items stay as they are', () => {
    holdsAlways(({ item, shelf, scene, policy }, price) => {
      const isCold = shelf.soldEver < policy.coldSales && scene.marketDays < policy.coldDays
      const isHeld =
        scene.fault !== null ||
        item.isLocked ||
        shelf.isVetoed ||
        shelf.stock === null ||
        shelf.stock <= 0 ||
        isCold
      return !isHeld || price === shelf.price
    })
  })

  test('the price is a whole, positive amount, and its reason has words', () => {
    holdsAlways(
      (_, price, reason) => Number.isSafeInteger(price) && price > 0 && reasonWords[reason] !== ''
    )
  })

  test('a price moves at all, and for every reason', () => {
    const seen = new Set<PriceReason>()
    const note = ({ shelf }: Asked, price: Money, reason: PriceReason) => {
      if (price !== shelf.price) seen.add(reason)
      return true
    }
    holdsAlways(note)
    assert.equal([...seen].sort(), ['as-wished', 'cap', 'floor', 'list-limit', 'window-limit'])
  })
})

const cases: readonly [
  what: string,
  given: Asked,
  wish: number,
  price: number,
  reason: PriceReason
][] = [
  ['a wish within reach comes true', asked(), 380, 3.8, 'as-wished'],
  ['10 % of 4.00 is 0.40 and no less', asked(), 360, 3.6, 'window-limit'],
  [
    'nor is 15 % of 1.00 0.14',
    asked({
      item: { list: euro(1), cost: null, step: euro(0.05) },
      shelf: { price: euro(1) },
      policy: { changeMax: 0.15 }
    }),
    115,
    1.15,
    'window-limit'
  ],
  ['a wish beyond reach goes as far as it may', asked(), 300, 3.6, 'window-limit'],
  ['nor above', asked(), 900, 4.4, 'window-limit'],
  ['the keeper draws a floor', asked({ item: { floor: euro(3.8) } }), 300, 3.8, 'floor'],
  ['and a cap', asked({ item: { cap: euro(4.2) } }), 900, 4.2, 'cap'],
  ['a tenth over the cost stays', asked({ item: { cost: euro(3.45) } }), 300, 3.8, 'floor'],
  [
    'unless it would not keep and we close',
    asked({
      item: { cost: euro(3.45), mayClear: true },
      scene: { closesAt: NOON + 120 * MINUTE_MS }
    }),
    300,
    3.6,
    'window-limit'
  ],
  [
    'but not at noon',
    asked({
      item: { cost: euro(3.45), mayClear: true },
      scene: { closesAt: NOON + 121 * MINUTE_MS }
    }),
    300,
    3.8,
    'floor'
  ],
  [
    'and never below what it is worth tomorrow',
    asked({ item: { salvage: euro(3.7) } }),
    300,
    3.7,
    'floor'
  ],
  ['list is not left behind', asked({ policy: { aboveListMax: 0.05 } }), 900, 4.2, 'list-limit'],
  [
    '4.50 under a new cap of 4.00 walks there',
    asked({ item: { cap: euro(4) }, shelf: { price: euro(4.5) } }),
    450,
    4.1,
    'window-limit'
  ],
  ['and arrives', asked({ item: { cap: euro(4) }, shelf: { price: euro(4.1) } }), 410, 4, 'cap'],
  [
    'a rise waits for a customer to go',
    asked({ scene: { isCustomerThere: true } }),
    420,
    4,
    'customer-there'
  ],
  ['a reduction does not', asked({ scene: { isCustomerThere: true } }), 380, 3.8, 'as-wished'],
  [
    'nor does a rise where no sensor can say',
    asked({ scene: { isCustomerThere: null } }),
    420,
    4.2,
    'as-wished'
  ],
  [
    'an open basket keeps its price',
    asked({ shelf: { isInOpenBasket: true } }),
    420,
    4,
    'in-open-basket'
  ],
  [
    '59 minutes are no hour',
    asked({ shelf: { changedAt: NOON - 59 * MINUTE_MS } }),
    380,
    4,
    'hold-time'
  ],
  ['60 are', asked({ shelf: { changedAt: NOON - 60 * MINUTE_MS } }), 380, 3.8, 'as-wished'],
  ['hands off', asked({ shelf: { isVetoed: true } }), 380, 4, 'vetoed'],
  ['a drop was promised', asked({ item: { isLocked: true } }), 380, 4, 'price-promised'],
  [
    'four sales on the first day are too few',
    asked({ shelf: { soldEver: 4 }, scene: { marketDays: 0 } }),
    380,
    4,
    'cold-start'
  ],
  [
    'five are enough',
    asked({ shelf: { soldEver: 5 }, scene: { marketDays: 0 } }),
    380,
    3.8,
    'as-wished'
  ],
  [
    'so is a day',
    asked({ shelf: { soldEver: 0 }, scene: { marketDays: 1 } }),
    380,
    3.8,
    'as-wished'
  ],
  [
    'charm endings are rungs',
    asked({
      shelf: { price: euro(4.1) },
      policy: { charm: { every: euro(1), less: euro(0.01) } }
    }),
    400,
    3.99,
    'as-wished'
  ],
  [
    'a step of 1.00 is too far',
    asked({ item: { step: euro(1) }, shelf: { price: euro(3.5) } }),
    300,
    3.5,
    'step-too-large'
  ],
  ['no wish is no move', asked(), 400, 4, 'best-already'],
  ['and half a rung is none', asked({ shelf: { price: euro(3.95) } }), 398, 4, 'as-wished'],
  [
    'a rung on the other side is no way up',
    asked({ shelf: { price: euro(3.93) } }),
    394,
    3.93,
    'best-already'
  ],
  ['nor a number that is none', asked(), Number.NaN, 4, 'wish-unreadable'],
  ['nor an endless one', asked(), Number.POSITIVE_INFINITY, 4, 'wish-unreadable']
]

suite('guard: by example', test => {
  for (const [what, given, wish, price, reason] of cases) {
    test(what, () => {
      const verdict = guard(given, () => wish)
      assert.equal(verdict, { price: euro(price), reason, wished: verdict.wished })
    })
  }

  test('a cold item is watched: the wish is told, and the model was told how far it may go', () => {
    const given = asked({ shelf: { soldEver: 0 }, scene: { marketDays: 0 } })
    const verdict = guard(given, ({ lowest, highest }) => {
      assert.equal([lowest, highest], [36, 44])
      return 360
    })
    assert.equal(verdict, { price: euro(4), reason: 'cold-start', wished: 360 })
  })

  test("a stall's own limits are 10 % a window and an hour", () => {
    assert.is(DEFAULT_POLICY.changeMax, 0.1)
    assert.is(DEFAULT_POLICY.holdMs, 60 * MINUTE_MS)
    assert.is(lemonade.step, 10)
  })
})
