import * as assert from 'uvu/assert'
import { RULES, walk } from '../core/share/market-of-drops.ts'
import { suite } from '../harness.ts'

suite(
  'drop, further',
  test => {
    test('no market of six facts oversells', () => {
      const { oversold, states } = walk(RULES, 6)
      assert.is(oversold, undefined, JSON.stringify(oversold))
      assert.ok(states > 500_000, `${states} states`)
    })
  },
  { stepMs: 10 * 60_000 }
)
