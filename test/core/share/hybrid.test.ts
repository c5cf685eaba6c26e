import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  AHEAD_MS_MAX,
  HYBRID_START,
  type HybridStamp,
  isBefore,
  tick,
  witness
} from '../../../node/core/share/hybrid.ts'
import { suite } from '../../harness.ts'

const known = (nowMs: number, boundMs = 5) => ({ nowMs, boundMs })

function followed(made: ReturnType<typeof witness>): HybridStamp {
  if ('refused' in made) throw new Error(made.refused)
  return made
}

suite('hybrid clock', test => {
  test('follows the time, and counts what comes in one millisecond', () => {
    const first = tick(HYBRID_START, known(1_000.7))
    const second = tick(first, known(1_000.9))
    const third = tick(second, known(900))
    const fourth = tick(third, known(2_000))
    assert.equal(
      [first, second, third, fourth],
      [
        { ms: 1_000, count: 0 },
        { ms: 1_000, count: 1 },
        { ms: 1_000, count: 2 },
        { ms: 2_000, count: 0 }
      ]
    )
  })

  test('what was heard of lies before what comes of it', () => {
    const theirs = { ms: 5_000, count: 2 }
    assert.equal(followed(witness({ ms: 1_000, count: 9 }, theirs, known(1_200))), {
      ms: 5_000,
      count: 3
    })
  })

  test('a stamp over a minute past any time that can be now is refused', () => {
    const limit = 1_000 + 5 + AHEAD_MS_MAX
    assert.equal(followed(witness(HYBRID_START, { ms: limit, count: 0 }, known(1_000))), {
      ms: limit,
      count: 1
    })
    assert.equal(witness(HYBRID_START, { ms: limit + 1, count: 0 }, known(1_000)), {
      refused: 'far-ahead',
      byMs: AHEAD_MS_MAX + 1
    })
  })

  test('who does not know the time follows nobody', () => {
    const made = witness(HYBRID_START, { ms: 9e12, count: 0 }, known(1_000, Infinity))
    assert.equal(made, { refused: 'time-unknown' })
  })

  test('stamps grow along every chain, and one bad stall drags nobody (seed 31)', () => {
    const step = fc.record({
      from: fc.nat(4),
      to: fc.nat(4),
      ms: fc.nat(2_000),
      isLie: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const clocks: HybridStamp[] = Array.from({ length: 5 }, () => HYBRID_START)
        let now = 1_000_000
        for (const { from, to, ms, isLie } of steps) {
          now += ms
          const sent = tick(clocks[from] ?? HYBRID_START, known(now))
          assert.ok(isBefore(clocks[from] ?? HYBRID_START, sent))
          clocks[from] = sent
          // The last stall is a liar now and then: its stamps are years ahead.
          const claimed = isLie && from === 4 ? { ms: sent.ms + 9e10, count: 0 } : sent
          const before = clocks[to] ?? HYBRID_START
          const made = witness(before, claimed, known(now))
          if ('refused' in made) continue
          assert.ok(isBefore(before, made) && isBefore(claimed, made))
          assert.ok(made.ms <= now + 5 + AHEAD_MS_MAX)
          clocks[to] = made
        }
      }),
      { seed: 31 }
    )
  })
})
