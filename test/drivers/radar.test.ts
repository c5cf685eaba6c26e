import * as assert from 'uvu/assert'
import { ld2410 } from '../../drivers/radar/ld2410.ts'
import { ld2450 } from '../../drivers/radar/ld2450.ts'
import type { Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, settingsOf, withDriver } from './context.ts'

const KEYS = { path: '/dev/serial/by-id/usb-radar-if00' }
const MINUTE = 60_000

suite('LD2450 driver', test => {
  for (const crossing of [{}, { way_in: 'rising' }, { axis: 'x', at_mm: 0 }]) {
    test(`tells each minute who crossed the line, with ${JSON.stringify(crossing)}`, () =>
      withDriver({ driver: ld2450, keys: { ...KEYS, ...crossing } }, async bench => {
        bench.walk({ direction: 'in', inMs: 5_000 })
        bench.walk({ direction: 'in', inMs: 15_000, metresPerSecond: 0.4 })
        bench.walk({ direction: 'out', inMs: 30_000, metresPerSecond: 1.6 })
        bench.walk({ direction: 'turned-back', inMs: 45_000 })
        await bench.time.pass(2 * MINUTE)
        assert.equal(minutes(bench), ['in 2 out 1 unsure 0 direct', 'in 0 out 0 unsure 0 direct'])
        assert.is(bench.condition().state, 'up')
      }))
  }

  test('keeps no tracks: other ways to the same counts leave the same words', async () => {
    const told: unknown[] = []
    for (const [seed, metresPerSecond, inMs] of [
      [1, 0.5, 10_000],
      [2, 1.4, 31_700]
    ] as const) {
      await withDriver({ driver: ld2450, keys: KEYS, seed }, async bench => {
        bench.walk({ metresPerSecond, inMs })
        bench.walk({ metresPerSecond, inMs: inMs + 9_000, direction: 'out' })
        await bench.time.pass(MINUTE)
        told.push({ readings: [...bench.readings], conditions: unique(bench.conditions) })
        const keys = bench.readings.map(reading => Object.keys(reading).sort().join(' '))
        assert.equal(keys, ['from in kind lostEdges out quality sensor to unsure'])
      })
    }
    assert.equal(told[0], told[1])
  })

  test('keys', () => {
    const settings = settingsOf(ld2450, KEYS)
    assert.is(settings.baud, 256_000)
    assert.equal(settings.crossing, { axis: 'y', atMm: 1_500, isInFalling: true })
    assert.equal(ld2450.claims(settings), [KEYS.path])
    assert.throws(() => settingsOf(ld2450, { ...KEYS, axis: 'z' }), /axis/)
  })
})

suite('LD2410 driver', test => {
  test('somebody is there, and nobody any more a little after', () =>
    withDriver({ driver: ld2410, keys: { ...KEYS, hold_s: 3 } }, async bench => {
      await bench.time.pass(1_000)
      assert.equal(presences(bench.readings), [false])
      // In view from 1.4 m before to 1.4 m behind the middle.
      bench.walk({ inMs: 5_000, metresPerSecond: 1 })
      await bench.time.pass(4_000)
      assert.equal(presences(bench.readings), [false, true])
      await bench.time.pass(5_000)
      assert.equal(presences(bench.readings), [false, true])
      await bench.time.pass(1_000)
      assert.equal(presences(bench.readings), [false, true, false])
      assert.ok(bench.readings.every(({ kind }) => kind === 'presence'))
    }))

  test('who is farther away than it should look does not count', () =>
    withDriver({ driver: ld2410, keys: { ...KEYS, within_cm: 20 } }, async bench => {
      bench.walk({ direction: 'turned-back' })
      await bench.time.pass(10_000)
      assert.equal(presences(bench.readings), [false])
    }))
})

suite('a radar that cannot be understood', test => {
  for (const fault of ['stall', 'garbage', 'wrong-baud'] as const) {
    test(`${fault}: told within five seconds, and its minute is unknown, not empty`, () =>
      withDriver({ driver: ld2450, keys: KEYS }, async bench => {
        await bench.time.pass(10_000)
        bench.setFault(fault)
        await bench.time.pass(5_000)
        assert.is(bench.condition().state, 'degraded')
        bench.setFault(null)
        await bench.time.pass(1_000)
        assert.is(bench.condition().state, 'up')
        await bench.time.pass(2 * MINUTE)
        assert.equal(minutes(bench), [
          'in null out null unsure 0 degraded',
          'in 0 out 0 unsure 0 direct'
        ])
      }))
  }

  test('a presence radar that falls silent leaves no light on for nobody', () =>
    withDriver({ driver: ld2410, keys: KEYS }, async bench => {
      bench.walk({ metresPerSecond: 0.1, inMs: 10_000 })
      await bench.time.pass(10_000)
      assert.equal(presences(bench.readings), [true])
      bench.setFault('stall')
      await bench.time.pass(5_000)
      assert.equal(presences(bench.readings), [true, false])
    }))
})

const minutes = ({ readings }: DriverBench): string[] =>
  readings.flatMap(reading =>
    reading.kind === 'footfall'
      ? [`in ${reading.in} out ${reading.out} unsure ${reading.unsure} ${reading.quality}`]
      : []
  )

const presences = (readings: readonly Reading[]): boolean[] =>
  readings.flatMap(reading => (reading.kind === 'presence' ? [reading.isOccupied] : []))

const unique = <Value>(values: readonly Value[]): Value[] =>
  [...new Set(values.map(value => JSON.stringify(value)))].map(text => JSON.parse(text))
