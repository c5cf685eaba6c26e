import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  firstShown,
  lowestBefore,
  REDUCTION_DAYS,
  showPrice,
  wasPrice
} from '../../../node/core/price/lowest.ts'
import type { Money } from '../../../node/core/sell/money.ts'
import { suite } from '../../harness.ts'
import { euro } from '../given.ts'
import { NOON } from './given.ts'

const DAY_MS = 24 * 60 * 60_000

suite('the lowest price of 30 days', test => {
  test('is the lowest that was in force before the reduction', () => {
    const steps = fc.array(
      fc.record({ price: fc.integer({ min: 1, max: 12 }), days: fc.integer({ min: 1, max: 15 }) }),
      { minLength: 1, maxLength: 30 }
    )
    fc.assert(
      fc.property(steps, all => {
        let at = NOON
        let shown = firstShown(5 as Money, at)
        const spans: { price: number; from: number; to: number }[] = []
        for (const { price, days } of all) {
          const before = shown
          at += days * DAY_MS
          shown = showPrice(before, price as Money, at)
          if (shown !== before) spans.push({ price: before.price, from: before.from, to: at })
        }
        const since = shown.from - REDUCTION_DAYS * DAY_MS
        const prices = spans.filter(({ to }) => to > since).map(({ price }) => price)
        assert.is(lowestBefore(shown), prices.length > 0 ? Math.min(...prices) : null)
        assert.ok(shown.earlier.length <= 12)
        assert.ok(shown.earlier.every(({ until }) => until > since))
      }),
      { seed: 3, numRuns: 500 }
    )
  })

  test('a price that was lower last week is no reduction now', () => {
    const dear = showPrice(firstShown(euro(3.5), NOON), euro(4), NOON + DAY_MS)
    const now = showPrice(dear, euro(3.6), NOON + 8 * DAY_MS)
    assert.is(lowestBefore(now), euro(3.5))
    assert.is(wasPrice(now), null)
  })

  test('but is one after 30 days', () => {
    const dear = showPrice(firstShown(euro(3.5), NOON), euro(4), NOON + DAY_MS)
    const now = showPrice(dear, euro(3.6), NOON + 32 * DAY_MS)
    assert.is(wasPrice(now), euro(4))
  })

  test('the first price of an item is never a reduction', () => {
    assert.is(wasPrice(firstShown(euro(1), NOON)), null)
  })
})
