import * as assert from 'uvu/assert'
import { oneAtATime } from '../../drivers/deadline.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'

suite('one question at a time', test => {
  test('what hangs is waited for; what failed is asked again', async () => {
    const time = handTime()
    let asked = 0
    let answer = (_: string) => {}
    const ask = oneAtATime({
      startTimer: time.startTimer,
      ms: 100,
      ask: () => {
        asked += 1
        if (asked === 2) return Promise.reject(new Error('no'))
        return new Promise<string>(resolve => {
          answer = resolve
        })
      }
    })
    assert.is(await time.until(ask()), 'late')
    assert.is(await time.until(ask()), 'late')
    assert.is(asked, 1)
    answer('first')
    assert.is(await time.until(ask()), 'first')
    assert.match(await time.until(ask().catch(String)), 'no')
    const third = ask()
    answer('third')
    assert.is(await time.until(third), 'third')
    assert.is(asked, 3)
  })
})
