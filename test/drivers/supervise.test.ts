import * as assert from 'uvu/assert'
import type { Condition, DriverContext, RunningDevice } from '../../drivers/driver.ts'
import type { Host } from '../../drivers/host.ts'
import { simHost } from '../../drivers/sim/host.ts'
import {
  FAILURES_MAX,
  RESCAN_MS,
  RESTART_MS_MAX,
  RESTART_MS_MIN,
  SETTLED_MS,
  SLOW_RETRY_MS,
  START_MS_MAX,
  STOP_MS_MAX,
  type Supervised,
  supervise
} from '../../drivers/supervise.ts'
import type { Reading } from '../../node/core/device.ts'
import { Fault } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { type HandTime, handTime } from './hand.ts'

const REQUEST = {
  consumer: 'bell',
  lines: [{ name: 'GPIO5' }],
  bias: 'up',
  isActiveLow: true,
  debounceUs: 0
} as const

type Context = Omit<DriverContext<unknown>, 'settings'>
type Start = (context: Context) => Promise<RunningDevice>

interface Bench {
  readonly time: HandTime
  readonly device: Supervised
  readonly readings: readonly Reading[]
  readonly away: readonly (readonly [from: number, to: number])[]
  /** One for each start, oldest first. */
  readonly contexts: readonly Context[]
  readonly changes: () => number
}

/** 18:00:20 UTC, so that a minute is 40 s away. */
const EVENING_MS = 1_785_607_220_000
const PRESS: Reading = { kind: 'button', isPressed: true, asksFor: null }

interface BenchOptions {
  readonly stretch?: number
  readonly gpio?: Host['gpio']
  /** How late timers come. */
  readonly lateMs?: number
}

function bench(start: Start, options: BenchOptions = {}): Bench {
  const { stretch = 1, lateMs = 0, ...gpio } = options
  const time = handTime()
  const readings: Reading[] = []
  const away: [number, number][] = []
  const contexts: Context[] = []
  let changes = 0
  const startTimer: Host['startTimer'] = (ms, run) => time.startTimer(ms + lateMs, run)
  const readClocks = () => ({ wallMs: EVENING_MS + time.now(), monoMs: time.now() })
  const device = supervise({
    name: 'bell',
    host: simHost({ startTimer, readClocks, ...gpio }),
    start: context => {
      contexts.push(context)
      return start(context)
    },
    random: () => 0.5,
    onReading: reading => readings.push(reading),
    onChange: () => {
      changes += 1
    },
    onAway: (from, to) => away.push([from - EVENING_MS, to - EVENING_MS]),
    follow: () => () => {},
    stretch: () => stretch,
    worst: () => 'up'
  })
  return { time, device, readings, away, contexts, changes: () => changes }
}

const fault = (code: string, isRetryable = true) =>
  new Fault({ code, message: `It is ${code}.`, fix: 'Do this.', isRetryable })
const absent = () => fault('device-absent')

const running = (onStop = () => {}): RunningDevice => ({
  stop: async () => onStop()
})

suite('supervise()', test => {
  test('a start that fails behind its watch lets the line go for the next try', async () => {
    let isTaken = false
    const watch: Host['gpio']['watch'] = async () => {
      if (isTaken) throw new Fault({ code: 'line-busy', message: '', fix: '', isRetryable: true })
      isTaken = true
      const close = () => {
        isTaken = false
      }
      return { isExact: true, values: () => [], close }
    }
    let starts = 0
    const { time, device } = bench(
      async ({ host }) => {
        const lines = await host.gpio.watch(REQUEST, { onEdges: () => {}, onGone: () => {} })
        starts += 1
        // As an expander on a loose wire does.
        if (starts === 1) throw absent()
        return { stop: async () => lines.close() }
      },
      { gpio: { watch, drive: () => Promise.reject(absent()) } }
    )
    await time.pass(RESCAN_MS)
    await time.pass(1_000)
    assert.equal([starts, device.health().state], [2, 'up'])
    await time.until(device.stop())
    assert.not.ok(isTaken)
  })

  test('a device works when its start settles, and says its own words', async () => {
    const plain = bench(async () => running())
    assert.is(plain.device.health().state, 'absent')
    await plain.time.pass(0)
    assert.equal(plain.device.health(), { name: 'bell', ...WORKS })
    const spoken = bench(async ({ report }) => {
      report(DUSTY)
      return running()
    })
    await spoken.time.pass(0)
    assert.equal(spoken.device.health(), { name: 'bell', ...DUSTY })
  })

  test('saying the same again costs nothing', async () => {
    const { time, contexts, changes } = bench(async () => running())
    await time.pass(0)
    const before = changes()
    for (let times = 0; times < 100; times++) contexts[0]?.report(DUSTY)
    assert.is(changes(), before + 1)
  })

  test('an absent device is looked for, later on a low battery, at once when told', async () => {
    let isPlugged = false
    const start: Start = async () => {
      if (!isPlugged) throw absent()
      return running()
    }
    const { time, device, contexts } = bench(start, { stretch: 4 })
    await time.pass(RESCAN_MS * 4 - 1)
    assert.equal(device.health(), {
      name: 'bell',
      state: 'absent',
      sentence: 'It is device-absent.',
      fix: 'Do this.'
    })
    assert.is(contexts.length, 1)
    await time.pass(1)
    assert.is(contexts.length, 2)
    isPlugged = true
    device.retry()
    await time.pass(0)
    assert.is(device.health().state, 'up')
    assert.is(device.restarts(), 0)
    device.retry()
    assert.is(contexts.length, 3)
  })

  test('failures double the wait; five in a row are down and tried slowly', async () => {
    const { time, device, contexts } = bench(() => Promise.reject(fault('noisy')))
    await time.pass(0)
    for (let failures = 1; failures < FAILURES_MAX; failures++) {
      assert.is(device.health().state, 'degraded')
      const waitMs = Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** (failures - 1))
      await time.pass(waitMs - 1)
      assert.is(contexts.length, failures)
      await time.pass(1)
      assert.is(contexts.length, failures + 1)
    }
    assert.is(device.health().state, 'down')
    await time.pass(SLOW_RETRY_MS - 1)
    assert.is(contexts.length, FAILURES_MAX)
    await time.pass(1)
    assert.is(contexts.length, FAILURES_MAX + 1)
  })

  test('what trying again cannot mend is down at once', async () => {
    const { time, device } = bench(() => Promise.reject(fault('addon-missing', false)))
    await time.pass(0)
    assert.is(device.health().state, 'down')
  })

  test('a run that lasts clears the record', async () => {
    const { time, device, contexts } = bench(async () => running())
    for (let failures = 1; failures < FAILURES_MAX * 3; failures++) {
      await time.pass(SETTLED_MS + 1)
      contexts.at(-1)?.fail(fault('lost'))
      assert.is(device.health().state, 'degraded')
      await time.pass(RESTART_MS_MIN)
      assert.is(device.health().state, 'up')
      assert.is(device.restarts(), failures)
    }
  })

  test('what a callback throws ends the run and nothing else', async () => {
    let stops = 0
    const start: Start = async ({ host }) => {
      host.startTimer(1_000, () => {
        throw new TypeError('x is not a function')
      })
      return running(() => {
        stops += 1
      })
    }
    const { time, device } = bench(start)
    await time.pass(1_000)
    assert.is(device.health().sentence, 'Its driver failed: x is not a function.')
    assert.is(stops, 1)
  })

  test('a start that throws at once, or rejects with anything, is a failure too', async () => {
    for (const thrown of [new Error('bug'), 'bug', undefined]) {
      const { time, device } = bench(() => {
        throw thrown
      })
      await time.pass(0)
      assert.match(device.health().sentence, /^Its driver failed: (bug|undefined)\.$/)
    }
  })

  test('a start that hangs is given up, and stopped when it comes after all', async () => {
    let finish = (_: RunningDevice) => {}
    let stops = 0
    let starts = 0
    const { time, device } = bench(() => {
      starts += 1
      return new Promise(resolve => {
        finish = resolve
      })
    })
    await time.pass(START_MS_MAX)
    assert.is(device.health().sentence, 'It did not start within 10 s.')
    const late = finish
    late(
      running(() => {
        stops += 1
      })
    )
    await time.pass(STOP_MS_MAX)
    assert.is(stops, 1)
    assert.is(starts, 2)
    assert.is.not(device.health().state, 'up')
  })

  test('the next run waits until the last one has let everything go', async () => {
    let finish = () => {}
    const { time, contexts } = bench(async () => ({
      stop: () =>
        new Promise(resolve => {
          finish = resolve
        })
    }))
    await time.pass(0)
    contexts[0]?.fail(fault('lost'))
    await time.pass(RESTART_MS_MIN * 2)
    assert.is(contexts.length, 1)
    finish()
    await time.pass(0)
    assert.is(contexts.length, 2)
  })

  test('a stop that hangs or fails costs two seconds at most', async () => {
    for (const stop of [() => new Promise<void>(() => {}), () => Promise.reject(new Error('x'))]) {
      const { time, device } = bench(async () => ({ stop }))
      await time.pass(0)
      await time.until(device.stop(), STOP_MS_MAX + 100)
    }
  })

  test('what it says on its way out counts; what comes later does not', async () => {
    let tell: Context['tell'] = () => {}
    const { time, device, readings } = bench(async context => {
      tell = context.tell
      return running(() => context.tell(PRESS))
    })
    await time.pass(0)
    await time.until(device.stop())
    assert.equal(readings, [PRESS])
    tell(PRESS)
    assert.equal(readings, [PRESS])
  })

  test('tells every span in which nobody watched, minute by minute', async () => {
    let isPlugged = false
    const { time, device, away } = bench(async () => {
      if (!isPlugged) throw absent()
      return running()
    })
    await time.pass(100_000)
    isPlugged = true
    device.retry()
    await time.pass(60_000)
    assert.equal(away, [
      [0, 40_000],
      [40_000, 100_000]
    ])
  })

  test('spans end with the minute though timers are late, and never overlap', async () => {
    let isPlugged = false
    const { time, device, away } = bench(
      async () => {
        if (!isPlugged) throw absent()
        return running()
      },
      { lateMs: 7 }
    )
    await time.pass(150_000)
    isPlugged = true
    device.retry()
    await time.pass(0)
    assert.equal(away, [
      [0, 40_000],
      [40_000, 100_000],
      [100_000, 150_000]
    ])
  })

  test('the moment that a start takes is no span', async () => {
    const { time, away } = bench(async ({ host }) => {
      await new Promise<void>(resolve => host.startTimer(900, resolve))
      return running()
    })
    await time.pass(60_000)
    assert.equal(away, [])
  })
})

const WORKS: Condition = { state: 'up', sentence: 'Works.', fix: '' }
const DUSTY: Condition = { state: 'degraded', sentence: 'It is dusty.', fix: 'Wipe it.' }
