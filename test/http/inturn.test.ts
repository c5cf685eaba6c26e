import * as assert from 'uvu/assert'
import { inTurn } from '../../node/http/inturn.ts'
import { suite } from '../harness.ts'

suite('in turn', test => {
  test('one works, eight wait, the next is told to come back', async () => {
    let running = 0
    let most = 0
    const work = inTurn(async (input: number) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      if (input === 3) throw new Error('three')
      return input
    })
    const settled = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => work(at)))
    const failed = settled.flatMap(({ status }, at) => (status === 'rejected' ? [at] : []))
    assert.equal([failed, most], [[3, 9], 1])
    assert.is(await work(10), 10)
  })
})
