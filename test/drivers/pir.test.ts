import * as assert from 'uvu/assert'
import { pir } from '../../drivers/footfall/pir.ts'
import type { Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { DAWN_MS, settingsOf, withDriver } from './context.ts'

const KEYS = { line: 'GPIO22' }
const MINUTE = 60_000

suite('motion sensor', test => {
  test('somebody is there, and nobody any more when it was quiet for a while', () =>
    withDriver({ driver: pir, keys: { ...KEYS, hold_s: 10 } }, async bench => {
      assert.equal(presences(bench.readings), [false])
      bench.walk({ inMs: 5_000, metresPerSecond: 1 })
      await bench.time.pass(4_000)
      assert.equal(presences(bench.readings), [false, true])
      // Out of sight 2 s after the middle, the line falls 2.3 s later, and then the hold.
      await bench.time.pass(15_000)
      assert.equal(presences(bench.readings), [false, true])
      await bench.time.pass(1_000)
      assert.equal(presences(bench.readings), [false, true, false])
    }))

  test('who comes within the hold keeps it occupied', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      for (const inMs of [5_000, 15_000, 25_000]) bench.walk({ inMs })
      await bench.time.pass(34_000)
      assert.equal(presences(bench.readings), [false, true])
    }))

  test('each minute tells how often it was triggered, as an estimate without direction', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      for (const inMs of [5_000, 25_000]) bench.walk({ inMs })
      await bench.time.pass(MINUTE)
      assert.equal(footfalls(bench.readings), [
        {
          kind: 'footfall',
          sensor: 'door',
          from: DAWN_MS,
          to: DAWN_MS + MINUTE,
          in: null,
          out: null,
          unsure: 2,
          lostEdges: 0,
          quality: 'estimated'
        }
      ])
      assert.is(bench.condition().state, 'up')
    }))

  test('keys: the sensors drive their line high themselves', () => {
    const settings = settingsOf(pir, KEYS)
    assert.is(settings.isActiveLow, false)
    assert.is(settings.bias, 'down')
    assert.equal(pir.claims(settings), ['gpio:GPIO22'])
    assert.throws(() => settingsOf(pir, { ...KEYS, hold_s: 0 }), /hold_s/)
  })
})

suite('motion sensor faults', test => {
  test('a loose wire: degraded, the minute unknown, and up when it was quiet', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      bench.setFault('bounce')
      await bench.time.pass(MINUTE)
      assert.is(bench.condition().state, 'degraded')
      assert.match(bench.condition().fix, 'loose wire')
      assert.is(footfalls(bench.readings)[0]?.quality, 'degraded')
      bench.setFault(null)
      await bench.time.pass(10_000)
      assert.is(bench.condition().state, 'up')
      await bench.time.pass(50_000)
      assert.is(footfalls(bench.readings)[1]?.quality, 'degraded')
      await bench.time.pass(MINUTE)
      assert.is(footfalls(bench.readings)[2]?.quality, 'estimated')
    }))

  test('motion without a pause: degraded after half an hour', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      bench.setFault('beam-blocked')
      await bench.time.pass(29 * MINUTE)
      assert.is(bench.condition().state, 'up')
      await bench.time.pass(2 * MINUTE)
      assert.is(bench.condition().state, 'degraded')
      assert.match(bench.condition().fix, 'Point it away')
      assert.is(footfalls(bench.readings).at(-1)?.quality, 'degraded')
      bench.setFault(null)
      await bench.time.pass(1_000)
      assert.is(bench.condition().state, 'up')
    }))

  test('lost edges are told and make the minute unknown', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      bench.setFault('overflow')
      bench.walk()
      await bench.time.pass(10_000)
      assert.match(bench.condition().sentence, 'missed 4 changes')
      await bench.time.pass(MINUTE - 10_000)
      const [minute] = footfalls(bench.readings)
      assert.is(minute?.quality, 'degraded')
      assert.is(minute?.lostEdges, 4)
    }))

  test('the chip is gone: lost', () =>
    withDriver({ driver: pir, keys: KEYS }, async bench => {
      bench.setFault('unplug')
      assert.is(bench.failure()?.code, 'device-absent')
    }))
})

const presences = (readings: readonly Reading[]): boolean[] =>
  readings.flatMap(reading => (reading.kind === 'presence' ? [reading.isOccupied] : []))

const footfalls = (readings: readonly Reading[]) =>
  readings.flatMap(reading => (reading.kind === 'footfall' ? [reading] : []))
