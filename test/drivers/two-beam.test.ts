import * as assert from 'uvu/assert'
import type { Driver } from '../../drivers/driver.ts'
import { type TwoBeamSettings, twoBeam } from '../../drivers/footfall/two-beam.ts'
import type { Host } from '../../drivers/host.ts'
import type { Passage } from '../../drivers/sim/crowd.ts'
import { seededCrowd } from '../../drivers/sim/crowd.ts'
import type { FootfallReading, Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { settingsOf, withDriver } from './context.ts'

const KEYS = { outer: 'GPIO17', inner: 'GPIO27' }
const MINUTE = 60_000

suite('two-beam driver', test => {
  test('tells each minute who went in and who went out, and nothing else', () =>
    withDriver({ driver: twoBeam, keys: KEYS }, async ({ time, walk, readings, condition }) => {
      walk({ direction: 'in', inMs: 5_000 })
      walk({ direction: 'in', inMs: 10_000, metresPerSecond: 0.3 })
      walk({ direction: 'out', inMs: 20_000, metresPerSecond: 1.8, depthMetres: 0.15 })
      walk({ direction: 'turned-back', inMs: 30_000 })
      await time.pass(2 * MINUTE)
      assert.equal(minutes(readings), ['in 2 out 1 unsure 0 direct', 'in 0 out 0 unsure 0 direct'])
      assert.equal(condition(), { state: 'up', sentence: 'Counts who walks in and out.', fix: '' })
      assert.equal(Object.keys(readings[0] ?? {}).sort(), FOOTFALL_KEYS)
    }))

  for (const wiring of [
    { active_low: false, bias: 'down' },
    { active_low: true, debounce_ms: 0 }
  ]) {
    test(`counts with ${JSON.stringify(wiring)}`, () =>
      withDriver({ driver: twoBeam, keys: { ...KEYS, ...wiring } }, async bench => {
        bench.walk()
        await bench.time.pass(MINUTE)
        assert.equal(minutes(bench.readings), ['in 1 out 0 unsure 0 direct'])
      }))
  }

  test('an hour of a market evening is counted to the last person', async () => {
    const people: Passage[] = []
    await withDriver(
      {
        driver: twoBeam,
        keys: KEYS,
        crowd: time => {
          const crowd = seededCrowd({ seed: 3, ...time, peoplePerMinute: 4 })
          return {
            watch: listener =>
              crowd.watch(passage => {
                // Two in the door at once are one to any pair of beams.
                if (passage.atMs - (people.at(-1)?.atMs ?? 0) < 3_000) return
                people.push(passage)
                listener(passage)
              })
          }
        }
      },
      async ({ time, readings }) => {
        await time.pass(60 * MINUTE)
        const passed = people.filter(({ atMs }) => atMs < 60 * MINUTE - 5_000)
        const count = (way: string) => passed.filter(({ direction }) => direction === way).length
        assert.ok(passed.length > 100)
        const late = people.length - passed.length
        assert.ok(Math.abs(total(readings, 'in') - count('in')) <= late)
        assert.ok(Math.abs(total(readings, 'out') - count('out')) <= late)
      }
    )
  })

  test('keys: both lines are needed, and what is claimed is a line', () => {
    assert.throws(() => settingsOf(twoBeam, { outer: 'GPIO17' }), /inner is missing/)
    assert.throws(() => settingsOf(twoBeam, { ...KEYS, bias: 'left' }), /bias/)
    const named = settingsOf(twoBeam, KEYS)
    assert.equal(twoBeam.claims(named), ['gpio:GPIO17', 'gpio:GPIO27'])
    const numbered = settingsOf(twoBeam, { chip: 'pinctrl-rp1', outer: '17', inner: '27' })
    assert.equal(twoBeam.claims(numbered), ['gpio:pinctrl-rp1/17', 'gpio:pinctrl-rp1/27'])
  })

  test('a late timer does not end a passage whose edges wait in the kernel', () =>
    withDriver({ driver: lateTimers(twoBeam), keys: { ...KEYS, debounce_ms: 0 } }, async bench => {
      for (const second of [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]) {
        // A thin one, in the second beam 667 ms after the first: just in time.
        bench.walk({ inMs: second * 1_000, metresPerSecond: 0.12, depthMetres: 0.02 })
      }
      await bench.time.pass(MINUTE)
      assert.equal(minutes(bench.readings), ['in 10 out 0 unsure 0 direct'])
    }))
})

suite('two-beam faults', test => {
  test('a blocked beam: degraded with what to do, minutes unknown, people unsure', () =>
    withDriver({ driver: twoBeam, keys: KEYS }, async bench => {
      bench.setFault('beam-blocked')
      bench.walk({ inMs: 40_000 })
      await bench.time.pass(MINUTE)
      assert.is(bench.condition().state, 'degraded')
      assert.is(bench.condition().sentence, 'The outer beam is blocked, so nobody can be counted.')
      assert.match(bench.condition().fix, 'Take away what stands in the door')
      assert.equal(minutes(bench.readings), ['in null out null unsure 2 degraded'])
      bench.setFault(null)
      await bench.time.pass(MINUTE)
      assert.is(bench.condition().state, 'up')
      bench.walk()
      await bench.time.pass(MINUTE)
      assert.equal(minutes(bench.readings).at(-1), 'in 1 out 0 unsure 0 direct')
    }))

  test('blocked when it starts: degraded after the same time', () =>
    withDriver(
      { driver: twoBeam, keys: KEYS, prepare: ({ setFault }) => setFault('beam-blocked') },
      async bench => {
        await bench.time.pass(29_000)
        assert.is(bench.condition().state, 'up')
        await bench.time.pass(2_000)
        assert.is(bench.condition().state, 'degraded')
      }
    ))

  test('a bouncing contact changes no count, with and without debounce', async () => {
    for (const debounce_ms of [0, 2]) {
      await withDriver({ driver: twoBeam, keys: { ...KEYS, debounce_ms } }, async bench => {
        bench.setFault('bounce')
        bench.walk({ direction: 'out' })
        await bench.time.pass(MINUTE)
        assert.equal(minutes(bench.readings), ['in 0 out 1 unsure 0 direct'])
        assert.is(bench.condition().state, 'up')
      })
    }
  })

  test('lost edges: how many is told, the minute is unknown, the next is sure again', () =>
    withDriver({ driver: twoBeam, keys: KEYS }, async bench => {
      bench.setFault('overflow')
      bench.walk()
      bench.walk({ inMs: 10_000 })
      await bench.time.pass(15_000)
      assert.is(bench.condition().state, 'degraded')
      assert.match(bench.condition().sentence, 'missed')
      bench.setFault(null)
      await bench.time.pass(15_000)
      // Soon after it is over all is well again; the minute stays in doubt.
      assert.is(bench.condition().state, 'up')
      // The kernel tells what it lost with the next edge that it keeps.
      bench.walk()
      await bench.time.pass(30_000)
      const [minute] = footfalls(bench.readings)
      assert.is(minute?.quality, 'degraded')
      assert.is(minute?.in, null)
      // Two people block and clear the inner beam, at least.
      assert.ok((minute?.lostEdges ?? 0) >= 4)
      assert.ok((minute?.unsure ?? 0) >= 2)
      bench.walk()
      await bench.time.pass(2 * MINUTE)
      assert.is(bench.condition().state, 'up')
      assert.equal(minutes(bench.readings).slice(1), [
        'in 1 out 0 unsure 0 direct',
        'in 0 out 0 unsure 0 direct'
      ])
    }))

  test('the chip is gone: lost, absent until it is back', () =>
    withDriver({ driver: twoBeam, keys: KEYS }, async bench => {
      bench.setFault('unplug')
      assert.is(bench.failure()?.code, 'device-absent')
      assert.match(bench.failure()?.fix ?? '', 'Plug it in again')
      await bench.start()
      assert.is(bench.failure()?.code, 'device-absent')
      bench.setFault(null)
      await bench.start()
      assert.is(bench.failure(), undefined)
    }))

  test('a loose wire that changes all the time: degraded, minutes unknown', () =>
    withDriver({ driver: flickering(twoBeam), keys: { ...KEYS, debounce_ms: 0 } }, async bench => {
      await bench.time.pass(MINUTE)
      assert.is(bench.condition().state, 'degraded')
      assert.match(bench.condition().fix, 'loose wire')
      assert.is(footfalls(bench.readings)[0]?.quality, 'degraded')
    }))

  test('lines that cannot tell what they lose: estimates, and no direction', () =>
    withDriver({ driver: inexact(twoBeam), keys: KEYS }, async bench => {
      bench.walk()
      await bench.time.pass(MINUTE)
      assert.equal(minutes(bench.readings), ['in null out null unsure 1 estimated'])
      assert.is(bench.condition().state, 'degraded')
      assert.match(bench.condition().fix, 'npm run native')
    }))

  test('the wall clock jumps an hour and back: minutes stay apart', () =>
    withDriver({ driver: twoBeam, keys: KEYS }, async bench => {
      await bench.time.pass(MINUTE / 2)
      bench.setFault('clock-jump')
      await bench.time.pass(2 * MINUTE)
      bench.setFault(null)
      await bench.time.pass(2 * MINUTE)
      await bench.stop()
      const told = footfalls(bench.readings)
      assert.ok(
        told.every(({ from, to }, index) => from < to && from >= (told[index - 1]?.to ?? 0))
      )
      assert.is(told.length, 5)
    }))
})

const FOOTFALL_KEYS = 'from in kind lostEdges out quality sensor to unsure'.split(' ')

const footfalls = (readings: readonly Reading[]): FootfallReading[] =>
  readings.flatMap(reading => (reading.kind === 'footfall' ? [reading] : []))

const minutes = (readings: readonly Reading[]): string[] =>
  footfalls(readings).map(
    ({ in: into, out, unsure, quality }) => `in ${into} out ${out} unsure ${unsure} ${quality}`
  )

const total = (readings: readonly Reading[], way: 'in' | 'out'): number =>
  footfalls(readings).reduce((sum, reading) => sum + (reading[way] ?? 0), 0)

type TwoBeam = Driver<TwoBeamSettings>

/** A driver whose machine is changed on the way to it. */
const on = (driver: TwoBeam, change: (host: Host) => Host): TwoBeam => ({
  ...driver,
  start: context => driver.start({ ...context, host: change(context.host) })
})

const inexact = (driver: TwoBeam): TwoBeam =>
  on(driver, host => ({
    ...host,
    gpio: {
      ...host.gpio,
      watch: async (request, listener) => ({
        ...(await host.gpio.watch(request, listener)),
        isExact: false
      })
    }
  }))

const flickering = (driver: TwoBeam): TwoBeam =>
  on(driver, host => ({
    ...host,
    gpio: {
      ...host.gpio,
      watch: async (request, listener) => {
        let isActive = false
        const flicker = () => {
          isActive = !isActive
          const monoUs = host.readClocks().monoMs * 1_000
          listener.onEdges([{ line: 0, isActive, monoUs }], 0)
          host.startTimer(5, flicker)
        }
        const lines = await host.gpio.watch(request, listener)
        host.startTimer(5, flicker)
        return lines
      }
    }
  }))

/**
 * A program that is busy for 200 ms at a time: then come the timers that were due, after them what
 * the kernel held, and then the timers that were started last (libuv's order).
 */
const lateTimers = (driver: TwoBeam): TwoBeam =>
  on(driver, host => {
    const untilFree = (ms: number) => {
      const now = host.readClocks().monoMs
      return Math.ceil((now + ms) / 200) * 200 - now
    }
    return {
      ...host,
      startTimer: (ms, run) => host.startTimer(ms === 0 ? 0.8 : untilFree(ms), run),
      gpio: {
        ...host.gpio,
        watch: (request, listener) =>
          host.gpio.watch(request, {
            ...listener,
            onEdges: (edges, lost) => {
              host.startTimer(untilFree(0) + 0.4, () => listener.onEdges(edges, lost))
            }
          })
      }
    }
  })
