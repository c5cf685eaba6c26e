import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { EMPTY_METER, readMeter } from '../../drivers/light/energy.ts'
import { hoursCheck, readTimeOfDay, readZone } from '../../drivers/light/hours.ts'
import { decideLight, LOOK_MS, LOW_HOLD_MS, OFF_MS_MIN } from '../../drivers/light/lighting.ts'
import { relay } from '../../drivers/light/relay.ts'
import { OCCUPIED_MS_MAX } from '../../drivers/light/switch.ts'
import { simWires } from '../../drivers/sim/wires.ts'
import type { EnergyReading, Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, onBattery, onMachine, withDriver } from './context.ts'

const SEED = 60_598

suite('hours of a light', test => {
  const within = (from: string, to: string, zone = 'Europe/Berlin') => {
    const fromMinute = readTimeOfDay(from) ?? 0
    const isWithin = hoursCheck({ fromMinute, toMinute: readTimeOfDay(to) ?? 0, zone })
    return (at: string) => isWithin(Date.parse(at))
  }

  test('an evening that ends behind midnight', () => {
    const isWithin = within('18:00', '02:00')
    for (const [at, is] of [
      ['2026-11-20T16:59:59Z', false],
      ['2026-11-20T17:00:00Z', true],
      ['2026-11-20T23:30:00Z', true],
      ['2026-11-21T00:59:59Z', true],
      ['2026-11-21T01:00:00Z', false]
    ] as const) {
      assert.is(isWithin(at), is, at)
    }
  })

  test('in summer the same hours are an hour earlier in the world', () => {
    const isWithin = within('18:00', '22:00')
    assert.is(isWithin('2026-07-20T16:00:00Z'), true)
    assert.is(isWithin('2026-07-20T20:00:00Z'), false)
    assert.is(isWithin('2026-11-20T16:00:00Z'), false)
    assert.is(within('18:00', '22:00', 'Asia/Singapore')('2026-07-20T10:00:00Z'), true)
  })

  test('the hour that comes twice counts twice, and the one that is left out does not', () => {
    const autumn = within('02:00', '03:00')
    const hours = ['00:00', '00:30', '01:00', '01:30', '02:00']
    // On 25 October 2026 at 03:00 it is 02:00 again.
    const lit = hours.filter(time => autumn(`2026-10-25T${time}:00Z`))
    assert.equal(lit, ['00:00', '00:30', '01:00', '01:30'])
    assert.equal(
      hours.filter(time => autumn(`2026-03-29T${time}:00Z`)),
      []
    )
  })

  test('equal ends are the whole day, and 24:00 is its end', () => {
    for (const isWithin of [within('00:00', '00:00'), within('18:00', '18:00')]) {
      assert.ok(isWithin('2026-11-20T16:59:00Z') && isWithin('2026-11-20T17:00:00Z'))
    }
    const evening = within('18:00', '24:00')
    assert.equal(['2026-11-20T22:59:00Z', '2026-11-20T23:00:00Z'].map(evening), [true, false])
  })

  test('reads times and zones, and nothing else', () => {
    assert.equal(['6:05', '18:00', '24:00'].map(readTimeOfDay), [365, 1_080, 1_440])
    assert.equal(['24:01', '18', '18:60', 'dusk', ''].map(readTimeOfDay), Array(5).fill(undefined))
    assert.equal(['Europe/Berlin', 'Mars/Olympus'].map(readZone), ['Europe/Berlin', undefined])
  })
})

suite('light switch', test => {
  const limits = { holdMs: 120_000, onMsMin: 30_000 }

  test('never flickers, and never sleeps through anything, whatever happens', () => {
    const step = fc.record({
      waitMs: fc.nat(60_000),
      isOccupied: fc.boolean(),
      isWithinHours: fc.boolean(),
      isBatteryLow: fc.boolean()
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), steps => {
        let nowMs = 0
        let isOn = false
        let sinceMs = Number.NEGATIVE_INFINITY
        let seenMs: number | undefined
        for (const { waitMs, ...scene } of steps) {
          nowMs += waitMs
          if (scene.isOccupied) seenMs = nowMs
          const next = decideLight({ nowMs, isOn, sinceMs, seenMs, ...scene }, limits)
          assert.ok(next.againMs > 0 && next.againMs <= LOOK_MS)
          if (next.isOn === isOn) continue
          assert.ok(nowMs - sinceMs >= (isOn ? limits.onMsMin : OFF_MS_MIN))
          isOn = next.isOn
          sinceMs = nowMs
        }
      }),
      { seed: SEED, numRuns: 500 }
    )
  })

  test('a relay cannot dim: with a low battery it holds for seconds', () => {
    const scene = {
      nowMs: 200_000,
      isOn: true,
      sinceMs: 0,
      isWithinHours: true,
      isOccupied: false,
      seenMs: 200_000 - LOW_HOLD_MS,
      isBatteryLow: false
    }
    assert.equal(decideLight(scene, limits), { isOn: true, againMs: LOOK_MS })
    assert.is(decideLight({ ...scene, isBatteryLow: true }, limits).isOn, false)
  })
})

suite('energy of a light', test => {
  test('no part of a milliwatt hour is ever lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(900_000), { maxLength: 200 }),
        fc.nat(500_000),
        (spans, milliwatts) => {
          let meter = EMPTY_METER
          let told = 0
          for (const onMs of spans) {
            const read = readMeter({ ...meter, onMs }, milliwatts)
            told += read.milliwattHours
            meter = read.rest
          }
          const onMs = spans.reduce((sum, span) => sum + span, 0)
          assert.is(told, Number((BigInt(onMs) * BigInt(milliwatts)) / 3_600_000n))
        }
      ),
      { seed: SEED }
    )
  })
})

const KEYS = { line: 'GPIO27', motion: ['pir', 'radar'], power: 'battery', watts: 12 }

interface Stand {
  readonly bench: DriverBench
  readonly isLit: () => boolean
  readonly seen: (sensor: string, isOccupied: boolean) => void
}

function withLight(
  keys: Readonly<Record<string, unknown>>,
  story: (stand: Stand) => Promise<void>
): Promise<void> {
  let isLit = () => false
  const driver = onMachine(relay, (world, { line, isActiveLow }) => {
    const { gpio, isHigh } = simWires([line], world)
    isLit = () => isHigh('GPIO27') !== isActiveLow
    return { gpio }
  })
  return withDriver({ driver, keys: { ...KEYS, ...keys }, name: 'lamp' }, bench =>
    story({
      bench,
      isLit: () => isLit(),
      seen: (sensor, isOccupied) =>
        bench.say(sensor, { kind: 'presence', isOccupied, targets: null })
    })
  )
}

const energy = (readings: readonly Reading[]): EnergyReading[] =>
  readings.flatMap(reading => (reading.kind === 'energy' ? [reading] : []))

suite('light', test => {
  test('follows the people of all its sensors, and holds behind the last', () =>
    withLight({}, async ({ bench, isLit, seen }) => {
      assert.is(isLit(), false)
      seen('pir', true)
      seen('radar', true)
      assert.is(isLit(), true)
      seen('pir', false)
      await bench.time.pass(300_000)
      assert.is(isLit(), true)
      seen('radar', false)
      await bench.time.pass(119_000)
      assert.is(isLit(), true)
      await bench.time.pass(1_100)
      assert.is(isLit(), false)
      assert.equal(
        bench.readings.map(each => each.kind === 'light' && each.percent),
        [0, 100, 0]
      )
      seen('pir', true)
      await bench.time.pass(15 * 60_000)
      assert.equal(bench.readings.at(-1), { kind: 'light', isOn: true, percent: 100 })
      await bench.stop()
      assert.equal(bench.readings.at(-1), { kind: 'light', isOn: false, percent: 0 })
    }))

  test('a sensor that is lost while it sees somebody does not keep it on for ever', () =>
    withLight({}, async ({ bench, isLit, seen }) => {
      seen('pir', true)
      await bench.time.pass(OCCUPIED_MS_MAX)
      assert.is(isLit(), true)
      await bench.time.pass(2 * LOOK_MS)
      assert.is(isLit(), false)
    }))

  test('stays dark outside of its hours and goes on when they begin, people or none', () =>
    // Dawn in hand time is 18:00 in Berlin.
    withLight({ from: '18:05', to: '18:30', timezone: 'Europe/Berlin' }, async stand => {
      const { bench, isLit, seen } = stand
      seen('pir', true)
      assert.is(isLit(), false)
      assert.is(bench.condition().sentence, 'The light waits for its hours.')
      await bench.time.pass(5 * 60_000 + LOOK_MS)
      assert.is(isLit(), true)
      await bench.time.pass(25 * 60_000)
      assert.is(isLit(), false)
    }))

  test('with a low battery it is on while somebody is there, and says why', () =>
    withLight({}, async ({ bench, isLit, seen }) => {
      bench.say('phone', onBattery(true))
      assert.is(bench.condition().sentence, 'The light follows the people.')
      bench.say('battery', onBattery(true))
      seen('pir', true)
      await bench.time.pass(60_000)
      seen('pir', false)
      await bench.time.pass(LOW_HOLD_MS + 100)
      assert.is(isLit(), false)
      assert.match(bench.condition().sentence, /^The battery is low/)
      bench.say('battery', onBattery(false))
      assert.is(bench.condition().sentence, 'The light follows the people.')
    }))

  test('tells its energy each quarter of an hour and at the end, and is off then', () => {
    let readings: readonly Reading[] = []
    let isLit = () => true
    return withLight({ active_low: true }, async stand => {
      isLit = stand.isLit
      readings = stand.bench.readings
      stand.seen('pir', true)
      await stand.bench.time.pass(20 * 60_000)
      assert.is(energy(readings).length, 1)
      await stand.bench.stop()
      const [first, last] = energy(readings)
      assert.equal([first?.onMs, first?.milliwattHours], [900_000, 3_000])
      assert.equal([last?.onMs, last?.milliwattHours], [300_000, 1_000])
      assert.is(last?.from, first?.to)
      assert.is(last?.device, 'lamp')
      assert.is(isLit(), false)
    })
  })

  test('what fills no milliwatt hour in one quarter is told in a later one', () =>
    withLight({ watts: 0.001 }, async ({ bench, seen }) => {
      seen('pir', true)
      await bench.time.pass(60 * 60_000 - LOOK_MS)
      seen('pir', true)
      await bench.time.pass(60 * 60_000 + 2 * LOOK_MS)
      const told = energy(bench.readings).map(each => each.milliwattHours)
      assert.equal(told, [0, 0, 0, 1, 0, 0, 0, 1])
    }))

  test('a dark quarter of an hour tells nothing', () =>
    withLight({}, async ({ bench }) => {
      await bench.time.pass(60 * 60_000)
      assert.equal(energy(bench.readings), [])
    }))
})
