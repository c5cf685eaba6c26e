import { setTimeout as delay } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type LoopWatch, watchLoop } from '../node/health.ts'
import { suite } from './harness.ts'

suite('health of the loop', test => {
  test('a standstill makes it degraded, for a while', async () => {
    const loop = watchLoop({ halfMs: 300 })
    await until(loop, 'up')
    const end = performance.now() + 400
    while (performance.now() < end);
    await until(loop, 'degraded')
    assert.ok(loop.lagMs() >= 300, String(loop.lagMs()))
    assert.match(loop.health().sentence, /stood still for \d+ ms/)
    await until(loop, 'up')
    loop.close()
  })
})

async function until({ health }: LoopWatch, state: string): Promise<void> {
  const deadline = performance.now() + 5_000
  while (health().state !== state) {
    assert.ok(performance.now() < deadline, `not ${state} in time`)
    await delay(10)
  }
}
