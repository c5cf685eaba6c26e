import * as assert from 'uvu/assert'
import { lineCounter } from '../../drivers/footfall/line-counter.ts'
import type { SimFault } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, settingsOf, withDriver } from './context.ts'

const KEYS = { path: '/dev/serial/by-id/usb-counter-if00' }
const MINUTE = 60_000

suite('line counter', test => {
  for (const profile of ['in-out', 'comma', 'json', 'steps']) {
    test(`${profile}: each minute has who walked in and out`, () =>
      withDriver({ driver: lineCounter, keys: { ...KEYS, profile } }, async bench => {
        for (const inMs of [5_000, 7_000, 61_000]) bench.walk({ direction: 'in', inMs })
        bench.walk({ direction: 'out', inMs: 30_000 })
        bench.walk({ direction: 'turned-back', inMs: 40_000 })
        await bench.time.pass(2 * MINUTE)
        assert.equal(minutes(bench), ['in 2 out 1 unsure 0 direct', 'in 1 out 0 unsure 0 direct'])
        assert.is(bench.condition().state, 'up')
      }))
  }

  test('who passed before it was plugged in is not counted', () =>
    withDriver(
      {
        driver: lineCounter,
        keys: KEYS,
        prepare: async bench => {
          for (const inMs of [5_000, 6_000, 7_000]) bench.walk({ inMs })
          await bench.time.pass(MINUTE)
        }
      },
      async bench => {
        bench.walk({ inMs: 20_000 })
        await bench.time.pass(MINUTE)
        assert.equal(minutes(bench), ['in 1 out 0 unsure 0 direct'])
      }
    ))

  test('keys: what a pattern of one’s own needs is said', () => {
    const own = { ...KEYS, profile: 'own', counts: 'cumulative' }
    assert.is(settingsOf(lineCounter, { ...own, pattern: 'N{in}' }).profile.id, 'own')
    assert.throws(
      () => settingsOf(lineCounter, own),
      /pattern is missing; it is what the device sends/
    )
    assert.throws(() => settingsOf(lineCounter, { ...own, pattern: 'N' }), /Visitors {in}/)
    assert.throws(() => settingsOf(lineCounter, { ...KEYS, profile: 'acme' }), /"in-out"/)
    assert.equal(lineCounter.claims(settingsOf(lineCounter, KEYS)), [KEYS.path])
  })
})

/** Each fault, what it comes to within two minutes, and whether the minutes are known. */
const FAULTS: readonly (readonly [
  fault: SimFault,
  state: string,
  sentence: RegExp,
  fix: RegExp,
  quality: string
])[] = [
  ['stall', 'degraded', /said nothing for 60 s/, /power and cable/, 'degraded'],
  ['garbage', 'degraded', /cannot be read/, /Set baud/, 'degraded'],
  ['wrong-baud', 'degraded', /wrong baud rate/, /it is 9600 now/, 'degraded'],
  ['reset-counter', 'degraded', /began again from 0/, /power supply/, 'degraded']
]

suite('line counter faults', test => {
  for (const [fault, state, sentence, fix, quality] of FAULTS) {
    test(`${fault}: ${state}, and up again when it is over`, () =>
      withDriver({ driver: lineCounter, keys: { ...KEYS, silent_s: 60 } }, async bench => {
        for (const inMs of [4_000, 4_500, 5_000]) bench.walk({ inMs })
        await bench.time.pass(30_000)
        assert.is(bench.condition().state, 'up')
        bench.setFault(fault)
        await bench.time.pass(MINUTE + 15_000)
        assert.is(bench.condition().state, state)
        assert.match(bench.condition().sentence, sentence)
        assert.match(bench.condition().fix, fix)
        await bench.time.pass(30_000)
        assert.ok(minutes(bench).some(minute => minute.endsWith(quality)))
        bench.setFault(null)
        bench.walk({ inMs: 90_000 })
        await bench.time.pass(4 * MINUTE)
        assert.is(bench.condition().state, 'up')
        assert.match(minutes(bench).at(-1) ?? '', 'direct')
        assert.ok(minutes(bench).includes('in 1 out 0 unsure 0 direct'))
      }))
  }

  test('a counter that hangs is not a minute without people, nor is its first word after', () =>
    withDriver({ driver: lineCounter, keys: KEYS }, async bench => {
      await bench.time.pass(MINUTE)
      bench.setFault('stall')
      bench.walk({ inMs: 90_000 })
      await bench.time.pass(2 * MINUTE)
      bench.setFault(null)
      await bench.time.pass(2 * MINUTE)
      assert.equal(minutes(bench), [
        'in 0 out 0 unsure 0 direct',
        // At its beginning it still spoke.
        'in 0 out 0 unsure 0 direct',
        'in null out null unsure 0 degraded',
        'in null out null unsure 1 degraded',
        'in 0 out 0 unsure 0 direct'
      ])
    }))

  for (const baud of [4_800, 19_200, 38_400, 115_200]) {
    test(`set to ${baud}, a device at 9600 is told from one that is silent`, () =>
      withDriver({ driver: lineCounter, keys: { ...KEYS, baud } }, async bench => {
        bench.setFault('wrong-baud')
        await bench.time.pass(3 * MINUTE)
        assert.match(bench.condition().sentence, 'wrong baud rate')
      }))
  }

  test('unplugged: lost, absent, and counting again', () =>
    withDriver({ driver: lineCounter, keys: KEYS }, async bench => {
      bench.setFault('unplug')
      assert.is(bench.failure()?.code, 'device-absent')
      assert.match(bench.failure()?.fix ?? '', 'Plug it in again')
      await bench.start()
      assert.is(bench.failure()?.code, 'device-absent')
      const before = bench.readings.length
      bench.setFault(null)
      await bench.start()
      assert.is(bench.failure(), undefined)
      assert.is(bench.readings.length, before)
    }))

  test('lines of another kind: degraded, and which profile it is set to', () =>
    withDriver(
      {
        driver: lineCounter,
        keys: { ...KEYS, profile: 'own', pattern: 'N={in}', counts: 'cumulative' }
      },
      async bench => {
        await bench.time.pass(MINUTE)
        assert.match(bench.condition().sentence, 'profile "own"')
        assert.match(bench.condition().fix, 'Set profile')
        assert.equal(minutes(bench), ['in null out null unsure 0 degraded'])
      }
    ))
})

const minutes = ({ readings }: DriverBench): string[] =>
  readings.flatMap(reading =>
    reading.kind === 'footfall'
      ? [`in ${reading.in} out ${reading.out} unsure ${reading.unsure} ${reading.quality}`]
      : []
  )
