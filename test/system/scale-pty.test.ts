import * as assert from 'uvu/assert'
import type { Driver } from '../../drivers/driver.ts'
import { openMachine } from '../../drivers/machine.ts'
import { scaleMtSics } from '../../drivers/scale/mt-sics.ts'
import { scaleNci } from '../../drivers/scale/nci.ts'
import type { ScaleSettings } from '../../drivers/scale/settings.ts'
import type { Supervised } from '../../drivers/supervise.ts'
import type { Reading } from '../../node/core/device.ts'
import { settingsOf, superviseAlone } from '../drivers/context.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { NEEDS_SOCAT, ptyWorld } from './pty.ts'

const ANSWER_MS = 20

/** A scale of flesh and wire: it reads its end of the cable and answers each whole question. */
function answerer(options: {
  readonly written: () => Uint8Array
  readonly send: (bytes: Uint8Array) => void
  readonly question: string
  readonly answer: () => string
}): () => void {
  let answered = 0
  const timer = setInterval(() => {
    const text = Buffer.from(options.written()).toString('latin1')
    const asked = text.split(options.question).length - 1
    for (; answered < asked; answered++) options.send(Buffer.from(options.answer(), 'latin1'))
  }, ANSWER_MS)
  return () => clearInterval(timer)
}

function watchScale(driver: Driver<ScaleSettings>, path: string, readings: Reading[]): Supervised {
  const settings = settingsOf(driver, { path, interval_ms: 100 })
  const readClocks = () => ({ wallMs: Date.now(), monoMs: performance.now() })
  return superviseAlone({
    name: 'scale',
    host: openMachine({ readClocks }),
    start: context => driver.start({ ...context, settings }),
    onReading: reading => void readings.push(reading)
  })
}

suite('scale on a serial line', test => {
  for (const { name, driver, question, weight, overload } of [
    {
      name: 'MT-SICS',
      driver: scaleMtSics,
      question: 'SI\r\n',
      weight: 'S S      1.250 kg\r\n',
      overload: 'S +\r\n'
    },
    {
      name: 'NCI',
      driver: scaleNci,
      question: 'W\r',
      weight: '\n 1.250kg\r\n00\r\x03',
      overload: '\n^^^^^^kg\r\n02\r\x03'
    }
  ]) {
    test.needs(NEEDS_SOCAT, `${name}: weighs, is pulled out, put back, and weighs on`, async () => {
      const cable = await ptyWorld()
      const readings: Reading[] = []
      let answer = weight
      const stopAnswering = answerer({ ...cable, question, answer: () => answer })
      const scale = watchScale(driver, cable.path, readings)
      const shows = (words: RegExp) =>
        until(() => {
          scale.retry()
          return words.test(scale.health().sentence)
        }, 10_000)
      try {
        await shows(/^The scale works/)
        assert.equal(readings, [{ kind: 'weight', milligrams: 1_250_000, isStable: true }])
        answer = overload
        await shows(/too much on the scale/)
        assert.equal(readings.at(-1), { ...readings[0], isStable: false })
        await cable.setPlugged(false)
        await shows(/unplugged|Nothing is plugged in/)
        assert.is(scale.health().state, 'absent')
        answer = weight
        await cable.setPlugged(true)
        await shows(/^The scale works/)
        assert.equal(readings.at(-1), readings[0])
      } finally {
        await scale.stop()
        stopAnswering()
        await cable.close()
      }
    })
  }
})
