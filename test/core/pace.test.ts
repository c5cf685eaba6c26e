import * as assert from 'uvu/assert'
import { pace } from '../../node/core/pace.ts'
import { handTime } from '../drivers/hand.ts'
import { suite } from '../harness.ts'

const MS = 200

function open() {
  const time = handTime()
  let runs = 0
  const { ask, stop } = pace({
    ms: MS,
    after: time.startTimer,
    step: () => {
      runs += 1
    }
  })
  return { time, ask, stop, runs: () => runs }
}

suite('pace()', test => {
  test('runs at once, then once for all that was asked meanwhile', async () => {
    const { time, ask, runs } = open()
    for (let count = 0; count < 10; count++) ask()
    assert.is(runs(), 1)
    await time.pass(MS)
    assert.is(runs(), 2)
    await time.pass(10 * MS)
    assert.is(runs(), 2)
    ask()
    assert.is(runs(), 3)
  })

  test('however fast it is asked, it runs no faster, and after the last asking', async () => {
    const { time, ask, runs } = open()
    for (let ms = 0; ms < 1_000; ms += 10) {
      ask()
      await time.pass(10)
    }
    assert.is(runs(), 5 + 1)
    await time.pass(MS)
    assert.is(runs(), 6)
  })

  test('runs no more once it is stopped', async () => {
    const { time, ask, stop, runs } = open()
    ask()
    ask()
    stop()
    await time.pass(MS)
    assert.is(runs(), 1)
  })

  test('also when nothing was due', async () => {
    const { time, ask, stop, runs } = open()
    ask()
    await time.pass(MS)
    stop()
    ask()
    assert.is(runs(), 1)
  })
})
