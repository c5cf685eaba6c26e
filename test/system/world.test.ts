import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { runWorld } from '../world/run.ts'

/** With those of the unit tests and CI's own run there are a thousand. */
const FIRST = 101
const LAST = 500

suite(
  'world, many evenings',
  test => {
    test(`markets agree after every trouble (seeds ${FIRST} to ${LAST})`, async () => {
      const failed: string[] = []
      for (let seed = FIRST; seed <= LAST; seed++) {
        await runWorld(seed).catch((error: unknown) => failed.push(`${seed}: ${String(error)}`))
      }
      assert.equal(failed, [])
    })
  },
  { stepMs: 15 * 60_000 }
)
