import { setTimeout as delay } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { watchLoop } from '../node/health.ts'
import { suite } from './harness.ts'

suite('health of the loop', test => {
  test('a standstill makes it degraded, for a while', async () => {
    const loop = watchLoop({ halfMs: 300 })
    await until('first measured', () => loop.lagMs() > 0)
    assert.is(loop.health().state, 'up')
    const end = performance.now() + 400
    while (performance.now() < end);
    await until('degraded', () => loop.health().state === 'degraded')
    assert.ok(loop.lagMs() >= 300, String(loop.lagMs()))
    assert.match(loop.health().sentence, /stood still for \d+ ms/)
    await until('up again', () => loop.health().state === 'up')
    loop.close()
  })
})

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `not ${what} in time`)
    await delay(10)
  }
}
