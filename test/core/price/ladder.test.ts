import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { niceStep, priceOf, rungAtLeast, rungAtMost } from '../../../node/core/price/ladder.ts'
import type { Money } from '../../../node/core/sell/money.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'

const ladders = fc.record({
  step: fc.constantFrom(1, 5, 10, 25, 50, 100, 500).map(step => step as Money),
  charm: fc.constantFrom(
    null,
    { every: 100 as Money, less: 1 as Money },
    { every: 100 as Money, less: 5 as Money }
  )
})

suite('ladder', test => {
  test('each rung is dearer than the one below', () => {
    fc.assert(
      fc.property(
        ladders,
        fc.integer({ min: 0, max: 10_000 }),
        (ladder, rung) => priceOf(ladder, rung) < priceOf(ladder, rung + 1)
      ),
      { seed: 1 }
    )
  })

  test('finds the rungs around any price', () => {
    fc.assert(
      fc.property(ladders, fc.double({ min: 0, max: 50_000, noNaN: true }), (ladder, price) => {
        const [most, least] = [rungAtMost(ladder, price), rungAtLeast(ladder, price)]
        assert.ok(priceOf(ladder, most) <= price && priceOf(ladder, most + 1) > price)
        assert.ok(priceOf(ladder, least) >= price && priceOf(ladder, least - 1) < price)
      }),
      { seed: 2 }
    )
  })

  test('4.00 becomes 3.99, 4.10 stays', () => {
    const ladder = { step: euro(0.1), charm: { every: euro(1), less: euro(0.01) } }
    assert.equal(
      [39, 40, 41].map(rung => priceOf(ladder, rung)),
      [390, 399, 410]
    )
  })

  test('a step is a round amount near 3 % of list', () => {
    assert.equal(
      [0.5, 1.5, 4, 7, 12, 30, 80, 400].map(list => niceStep(euro(list))),
      [5, 5, 10, 20, 50, 100, 250, 1_000]
    )
  })
})
