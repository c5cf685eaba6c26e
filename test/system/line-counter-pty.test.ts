import * as assert from 'uvu/assert'
import { lineCounter } from '../../drivers/footfall/line-counter.ts'
import type { SerialPorts } from '../../drivers/host.ts'
import { simHost } from '../../drivers/sim/host.ts'
import { startTimer } from '../../drivers/timer.ts'
import type { FootfallReading, Reading } from '../../node/core/device.ts'
import { settingsOf, superviseAlone } from '../drivers/context.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { NEEDS_SOCAT, ptyWorld } from './pty.ts'

suite('people counter over a pseudo-terminal', test => {
  test.needs(NEEDS_SOCAT, 'unplugged and plugged in again, it counts on', async () => {
    const world = await ptyWorld()
    const settings = settingsOf(lineCounter, { path: world.path, silent_s: 0 })
    let heard = 0
    const serial: SerialPorts = {
      open: (port, { onBytes, onClose }) =>
        world.serial.open(port, {
          onClose,
          onBytes: bytes => {
            onBytes(bytes)
            heard += bytes.length
          }
        })
    }
    const say = async (text: string) => {
      const before = heard
      world.send(Buffer.from(text))
      await until(() => heard === before + text.length)
    }
    const told: Reading[] = []
    const device = superviseAlone({
      name: 'door',
      host: simHost({ startTimer, readClocks, serial }),
      start: context => lineCounter.start({ ...context, settings }),
      onReading: reading => void told.push(reading)
    })
    await until(() => device.health().state === 'up')
    await say('IN=40 OUT=30\r\nIN=42 OUT=31\r\n')
    await world.setPlugged(false)
    await until(() => device.health().state === 'absent')
    assert.match(device.health().sentence, 'unplugged')
    // What was counted until the cable came out is told, as unsure.
    await until(() => told.length === 1)
    assert.equal(numbers(told[0]), { in: null, out: null, unsure: 3, quality: 'degraded' })
    await world.setPlugged(true)
    device.retry()
    await until(() => device.health().state === 'up')
    await say('IN=42 OUT=31\r\nIN=43 OUT=31\r\nnonsense\r\nIN=43 OUT=32\r\n')
    await device.stop()
    assert.equal(numbers(told[1]), { in: null, out: null, unsure: 2, quality: 'degraded' })
    await world.close()
  })
})

/** Begins half a minute before the next minute, so that none ends in the middle of the story. */
const BEGAN_MS = performance.now() - 30_000
const readClocks = () => ({ wallMs: performance.now() - BEGAN_MS, monoMs: performance.now() })

function numbers(reading: Reading | undefined) {
  assert.is(reading?.kind, 'footfall')
  const { in: into, out, unsure, quality } = reading as FootfallReading
  return { in: into, out, unsure, quality }
}
