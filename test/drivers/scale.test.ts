import * as assert from 'uvu/assert'
import { scaleMtSics } from '../../drivers/scale/mt-sics.ts'
import { scaleNci } from '../../drivers/scale/nci.ts'
import { type SimSerial, simSerial } from '../../drivers/sim/serial.ts'
import type { Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, onMachine, withDriver } from './context.ts'

const PATH = '/dev/serial/by-id/usb-scale'

interface Shop {
  readonly bench: DriverBench
  readonly device: SimSerial
  /** What the scale says to each question from now on; nothing when empty. */
  readonly answerWith: (text: string) => Promise<void>
  readonly questions: () => string
}

function withScale(
  driver: typeof scaleMtSics,
  story: (shop: Shop) => Promise<void>
): Promise<void> {
  const device = simSerial({ path: PATH })
  let answer = ''
  device.onWrite(() => device.send(answer))
  const own = onMachine(driver, () => ({ serial: device.serial }))
  return withDriver({ driver: own, keys: { path: PATH } }, bench =>
    story({
      bench,
      device,
      answerWith: async text => {
        answer = text
        await bench.time.pass(1_000)
      },
      questions: () => Buffer.from(device.written()).toString('latin1')
    })
  )
}

const weights = (readings: readonly Reading[]) =>
  readings.map(each =>
    each.kind === 'weight' ? `${each.milligrams}${each.isStable ? '' : '?'}` : each.kind
  )

suite('scale', test => {
  test('MT-SICS is asked SI at 9600 8N1 four times a second, NCI W at 9600 7E1', async () => {
    await withScale(scaleMtSics, async ({ bench, device, answerWith, questions }) => {
      assert.equal(device.settings(), {
        path: PATH,
        baud: 9_600,
        dataBits: 8,
        parity: 'none',
        stopBits: 1,
        intervalMs: 250
      })
      await answerWith('S S      1.500 kg\r\n')
      const before = questions().length
      await bench.time.pass(10_000)
      assert.is(questions().slice(before), 'SI\r\n'.repeat(40))
      // A scale that is set to send by itself is heard too, and asked no more often for it.
      for (let sent = 0; sent < 100; sent++) {
        device.send('S S      1.600 kg\r\n')
        await bench.time.pass(100)
      }
      assert.is(questions().slice(before), 'SI\r\n'.repeat(80))
      assert.ok(weights(bench.readings).includes('1600000'))
    })
    await withScale(scaleNci, async ({ device, answerWith, questions }) => {
      await answerWith('\n 1.500kg\r\n00\r\x03')
      const { dataBits, parity } = device.settings() ?? {}
      assert.equal([dataBits, parity], [7, 'even'])
      assert.match(questions(), /^(W\r)+$/)
    })
  })

  test('tells a weight when it changes or comes to rest', () =>
    withScale(scaleMtSics, async ({ bench, answerWith }) => {
      await answerWith('S D    100.00 g\r\n')
      await answerWith('S D    100.00 g\r\n')
      await answerWith('S S    100.00 g\r\n')
      await answerWith('S S    101.00 g\r\n')
      assert.equal(weights(bench.readings), ['100000?', '100000', '101000'])
      assert.is(bench.condition().state, 'up')
    }))

  test('a weight that the scale shows no more is not to be sold by', () =>
    withScale(scaleMtSics, async ({ bench, answerWith }) => {
      await answerWith('S S    100.00 g\r\n')
      await answerWith('S +\r\n')
      assert.equal(weights(bench.readings), ['100000', '100000?'])
      assert.is(bench.condition().sentence, 'There is too much on the scale.')
      await answerWith('S -\r\n')
      assert.is(bench.condition().sentence, 'The scale weighs less than nothing.')
      await answerWith('S S    100.00 g\r\n')
      assert.equal(weights(bench.readings), ['100000', '100000?', '100000'])
    }))

  test('silence is slow at first, then down; the scale comes back by itself', () =>
    withScale(scaleMtSics, async ({ bench, answerWith }) => {
      await answerWith('S S    100.00 g\r\n')
      await answerWith('')
      await bench.time.pass(500)
      assert.is(bench.condition().sentence, 'The scale is slow to answer.')
      assert.equal(weights(bench.readings), ['100000', '100000?'])
      await bench.time.pass(2_500)
      assert.is(bench.condition().sentence, 'The scale does not answer.')
      assert.is(bench.condition().state, 'down')
      await answerWith('S S    100.00 g\r\n')
      assert.is(bench.condition().state, 'up')
      assert.is(bench.failure(), undefined)
    }))

  test('one disturbed answer and a short tare worry nobody', () =>
    withScale(scaleMtSics, async ({ bench, device, answerWith }) => {
      await answerWith('S S    100.00 g\r\n')
      device.send('S S    1\x7f0.00 g\r\n')
      await answerWith('S I\r\n')
      assert.is(bench.condition().state, 'up')
      await bench.time.pass(3_000)
      assert.is(bench.condition().sentence, 'The scale is busy with something else.')
      await answerWith('ES\r\n')
      assert.match(bench.condition().fix, /MT-SICS or NCI/)
    }))

  test('silence and noise in turn are no better than either', () =>
    withScale(scaleMtSics, async ({ bench, device, answerWith }) => {
      await answerWith('S S    100.00 g\r\n')
      await answerWith('')
      for (let turn = 0; turn < 3; turn++) {
        device.send('\x7f\x00')
        await bench.time.pass(2_000)
      }
      assert.match(bench.condition().sentence, /^The scale (does not answer|sends what nobody)/)
    }))

  test('says what an NCI scale finds wrong with itself', () =>
    withScale(scaleNci, async ({ bench, answerWith }) => {
      await answerWith('\n------kg\r\n00\r\x03')
      assert.is(bench.condition().sentence, 'The scale was switched on with something on it.')
      await answerWith('\n 1.500kg\r\n08\r\x03')
      assert.is(bench.condition().sentence, 'The scale says that it is broken.')
      assert.equal(bench.readings, [])
    }))

  test('a port that takes nothing ends the run, with one question out', () =>
    withScale(scaleMtSics, async ({ bench, device, answerWith, questions }) => {
      await answerWith('S S    100.00 g\r\n')
      device.setTaking(false)
      const before = questions().length
      await bench.time.pass(5_000)
      assert.is(bench.failure()?.code, 'line-stuck')
      device.setTaking(true)
      assert.is(questions().slice(before), 'SI\r\n')
    }))

  test('the simulated one swings, comes to rest and is emptied', () =>
    withDriver({ driver: scaleNci, keys: { path: PATH } }, async ({ time, readings }) => {
      await time.pass(60_000)
      const told = weights(readings)
      const resting = told.filter(each => !each.endsWith('?'))
      assert.ok(told.length > 2 * resting.length)
      assert.ok(resting.includes('0') && resting.some(each => Number(each) > 50_000))
    }))
})
