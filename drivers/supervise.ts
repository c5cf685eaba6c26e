import type { Reading } from '../node/core/device.ts'
import { Fault, type Health } from '../node/core/ports.ts'
import type { Condition, DriverContext, RunningDevice } from './driver.ts'
import { guardHost } from './guard.ts'
import type { Host } from './host.ts'

/** One device that is kept running, whatever it does. */
export interface Supervised {
  readonly health: () => Health
  /** How often it was started again after it had failed. */
  readonly restarts: () => number
  /** Something was plugged in: an absent device is tried at once. */
  readonly retry: () => void
  /** Settles within a second or two, whatever the driver does. */
  readonly stop: () => Promise<void>
}

/** What a driver's run gets from outside of its own machine. */
export interface Surroundings extends Pick<DriverContext<unknown>, 'stretch' | 'worst'> {
  /** What it returns ends the following. */
  readonly follow: (listener: (name: string, reading: Reading) => void) => () => void
}

export interface SuperviseOptions extends Surroundings {
  readonly name: string
  readonly host: Host
  readonly start: (context: Omit<DriverContext<unknown>, 'settings'>) => Promise<RunningDevice>
  /** From 0 to 1: devices that fell together must not come back together. */
  readonly random: () => number
  readonly onReading: (reading: Reading) => void
  readonly onChange: () => void
  /** Told of every span in which nobody watched, for counts that must never read as zero. */
  readonly onAway: (from: number, to: number) => void
}

export const START_MS_MAX = 10_000
export const STOP_MS_MAX = 2_000
/** An absent device is looked for this often, and at once when something is plugged in. */
export const RESCAN_MS = 5_000
export const RESTART_MS_MIN = 250
export const RESTART_MS_MAX = 30_000
/** So many failures in a row are "down" instead of "trying again", and are tried slowly. */
export const FAILURES_MAX = 5
export const SLOW_RETRY_MS = 60_000
/** A run this long clears the record. */
export const SETTLED_MS = 60_000
/** Away spans end with the minute, like the counts they stand in for. */
const MINUTE_MS = 60_000
/** Every start takes a moment, in which nobody worth a line in the ledger walked by. */
const AWAY_MS_MIN = 1_000

export function supervise(options: SuperviseOptions): Supervised {
  const device: Supervision = {
    options,
    health: { name: options.name, ...STARTING },
    failures: 0,
    restarts: 0,
    run: undefined,
    ending: Promise.resolve(),
    stopTimer: () => {},
    stopAwayTimer: () => {},
    awaySince: options.host.readClocks().wallMs,
    isStopped: false
  }
  tellAway(device)
  begin(device)
  return {
    health: () => device.health,
    restarts: () => device.restarts,
    retry: () => {
      if (device.run === undefined && device.health.state === 'absent') begin(device)
    },
    stop: async () => {
      device.isStopped = true
      device.stopTimer()
      device.stopAwayTimer()
      if (device.run) end(device, device.run)
      await device.ending
    }
  }
}

interface Supervision {
  readonly options: SuperviseOptions
  health: Health
  /** In a row; cleared by a run that lasts. */
  failures: number
  restarts: number
  run: Run | undefined
  /** Settles when the last run has let everything go; the next one waits for it. */
  ending: Promise<void>
  stopTimer: () => void
  stopAwayTimer: () => void
  /** Since when nobody watches, in ms since 1970; undefined while the device works. */
  awaySince: number | undefined
  isStopped: boolean
}

/** One try, from its start to its end. Whatever is late of it is not heard any more. */
interface Run {
  readonly abort: AbortController
  /** How what it has open is closed, should the driver not do it. */
  readonly opened: Set<() => void>
  isOver: boolean
  /** What it says on its way out still counts: the last half minute's people were there. */
  isSilenced: boolean
  hasReported: boolean
  /** Settles when the driver's `start` did, well or not. */
  readonly started: Promise<RunningDevice | undefined>
}

const STARTING = { state: 'absent', sentence: 'Starting.', fix: '' } as const
const WORKS: Condition = { state: 'up', sentence: 'Works.', fix: '' }

function begin(device: Supervision): void {
  const { options } = device
  device.stopTimer()
  const abort = new AbortController()
  let settle: (running: RunningDevice | undefined) => void = () => {}
  const run: Run = {
    abort,
    opened: new Set(),
    isOver: false,
    isSilenced: false,
    hasReported: false,
    started: new Promise(resolve => {
      settle = resolve
    })
  }
  device.run = run
  device.stopTimer = options.host.startTimer(START_MS_MAX, () => lose(device, run, tooSlow()))
  startRun(device, run).then(
    running => {
      settle(running)
      if (!run.isOver) works(device, run)
    },
    error => {
      settle(undefined)
      lose(device, run, error)
    }
  )
}

/** `async`, so that a driver which throws at once is no other than one that rejects. */
async function startRun(device: Supervision, run: Run): Promise<RunningDevice> {
  const { options } = device
  const { name, host, follow, stretch, worst, start, onReading } = options
  const { signal } = run.abort
  const isOver = () => run.isOver
  const onThrow = (error: unknown) => lose(device, run, error)
  await device.ending
  return start({
    name,
    host: guardHost(host, { isOver, onThrow, opened: run.opened }),
    signal,
    tell: reading => {
      if (!run.isSilenced) onReading(reading)
    },
    report: condition => {
      if (isOver()) return
      run.hasReported = true
      show(device, condition)
    },
    fail: fault => lose(device, run, fault),
    follow: listener => {
      const stop = follow((from, reading) => {
        if (isOver()) return
        try {
          listener(from, reading)
        } catch (error) {
          onThrow(error)
        }
      })
      signal.addEventListener('abort', stop, { once: true })
    },
    stretch,
    worst
  })
}

function works(device: Supervision, run: Run): void {
  device.stopTimer()
  device.stopAwayTimer()
  endAway(device, device.options.host.readClocks().wallMs)
  if (device.failures > 0) device.restarts += 1
  device.stopTimer = device.options.host.startTimer(SETTLED_MS, () => {
    device.failures = 0
  })
  if (!run.hasReported) show(device, WORKS)
}

/** The end of a run that nobody wished for: what is shown, and when the next one comes. */
function lose(device: Supervision, run: Run, error: unknown): void {
  if (run.isOver) return
  const { options } = device
  device.stopTimer()
  end(device, run)
  if (device.isStopped) return
  const fault = asFault(error)
  startAway(device)
  if (fault.code === 'device-absent') {
    show(device, { state: 'absent', sentence: fault.message, fix: fault.fix })
    device.stopTimer = options.host.startTimer(RESCAN_MS * options.stretch(), () => begin(device))
    return
  }
  device.failures += 1
  const isDown = device.failures >= FAILURES_MAX || !fault.isRetryable
  show(device, {
    state: isDown ? 'down' : 'degraded',
    sentence: fault.message,
    fix: fault.fix
  })
  const delayMs = isDown ? SLOW_RETRY_MS : backoffMs(device.failures, options.random())
  device.stopTimer = options.host.startTimer(delayMs, () => begin(device))
}

/** Doubles from a quarter of a second to half a minute, with a quarter more or less by chance. */
const backoffMs = (failures: number, chance: number): number =>
  Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** (failures - 1)) * (0.75 + chance / 2)

/**
 * Tells the driver to stop and gives it its time. One that does not even finish its start is left
 * behind: when it does come, it is stopped then.
 */
function end(device: Supervision, run: Run): void {
  const { host } = device.options
  run.isOver = true
  device.run = undefined
  run.abort.abort()
  device.ending = new Promise(resolve => {
    const settle = () => {
      stopTimer()
      run.isSilenced = true
      resolve()
    }
    const stopTimer = host.startTimer(STOP_MS_MAX, settle)
    // How a lost device fails to stop as well is no news: why it was lost is shown already.
    run.started
      .then(running => running?.stop())
      .catch(() => {})
      .then(() => {
        for (const close of [...run.opened]) close()
      })
      .then(settle, settle)
  })
}

function show(device: Supervision, { state, sentence, fix }: Omit<Health, 'name'>): void {
  const { health, options } = device
  if (health.state === state && health.sentence === sentence && health.fix === fix) return
  device.health = { name: options.name, state, sentence, fix }
  options.onChange()
}

function startAway(device: Supervision): void {
  device.awaySince ??= device.options.host.readClocks().wallMs
  tellAway(device)
}

/** At each full minute of being away. */
function tellAway(device: Supervision): void {
  const { host } = device.options
  device.stopAwayTimer()
  const now = host.readClocks().wallMs
  device.stopAwayTimer = host.startTimer(MINUTE_MS - (now % MINUTE_MS), () => {
    // Timers come a little late, or a hair early: the span ends with the minute all the same.
    const soon = host.readClocks().wallMs + AWAY_MS_MIN
    const minute = soon - (soon % MINUTE_MS)
    endAway(device, minute)
    device.awaySince = minute
    tellAway(device)
  })
}

function endAway(device: Supervision, to: number): void {
  const { awaySince, options } = device
  device.awaySince = undefined
  // The wall may have been set back meanwhile: a span of no time is nobody's.
  if (awaySince !== undefined && to - awaySince >= AWAY_MS_MIN) options.onAway(awaySince, to)
}

const tooSlow = (): Fault =>
  new Fault({
    code: 'start-timeout',
    message: `It did not start within ${START_MS_MAX / 1_000} s.`,
    fix: 'Unplug it and plug it in again.',
    isRetryable: true
  })

/** A bug of a driver is that device's end, and nobody else's. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const what = error instanceof Error ? error.message : String(error)
  return new Fault({
    code: 'driver-bug',
    message: `Its driver failed: ${what}.`,
    fix: 'The stall sells on without it. Tell the technician what you read here.',
    isRetryable: true
  })
}
