import type {
  Condition,
  Driver,
  DriverContext,
  RunningDevice,
  Simulation,
  SimWorld
} from '../../drivers/driver.ts'
import { guardHost } from '../../drivers/guard.ts'
import type { Host } from '../../drivers/host.ts'
import type { Crowd, Passage } from '../../drivers/sim/crowd.ts'
import { simHost } from '../../drivers/sim/host.ts'
import { type Supervised, type SuperviseOptions, supervise } from '../../drivers/supervise.ts'
import { readTable } from '../../drivers/table.ts'
import type { PowerReading, Reading, SimFault } from '../../node/core/device.ts'
import { Fault, type HealthState } from '../../node/core/ports.ts'
import { type HandTime, handTime } from './hand.ts'

/** A driver at work on its simulated device, in hand time: all that it told and reported. */
export interface DriverBench {
  readonly time: HandTime
  readonly readings: readonly Reading[]
  readonly conditions: readonly Condition[]
  readonly condition: () => Condition
  /** Why it said that its device is lost, or why it did not start. */
  readonly failure: () => Fault | undefined
  readonly simulation: Simulation
  readonly setFault: (fault: SimFault | null) => void
  /** Lets somebody walk by; the middle of the body is there `inMs` from now. */
  readonly walk: (passage?: Partial<Omit<Passage, 'atMs'>> & { readonly inMs?: number }) => void
  /** What a followed device says. */
  readonly say: (name: string, reading: Reading) => void
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** When hand time begins, at a full minute. */
export const DAWN_MS = Date.UTC(2026, 10, 20, 17, 0)

export interface BenchOptions<Settings> {
  readonly driver: Driver<Settings>
  /** The device's table in stall.toml, without role and driver. */
  readonly keys: Readonly<Record<string, unknown>>
  readonly name?: string
  readonly seed?: number
  /** How the worst part of the stall is; `up` by default. */
  readonly worst?: () => HealthState
  /** The people; by default those that `walk` sends. */
  readonly crowd?: (time: Pick<Simulation['host'], 'startTimer' | 'readClocks'>) => Crowd
  /** Before the driver starts; time can be let pass, and the device be spoilt. */
  readonly prepare?: (bench: DriverBench) => void | Promise<void>
}

/** Runs one story of a driver and puts everything away. */
export async function withDriver<Settings>(
  options: BenchOptions<Settings>,
  story: (bench: DriverBench) => Promise<void>
): Promise<void> {
  const bench = await benchOf(options)
  try {
    await options.prepare?.(bench)
    await bench.start()
    await story(bench)
  } finally {
    await bench.stop()
    bench.simulation.close()
  }
}

/** The driver at devices that a test holds in its own hands, instead of its simulator's. */
export const onMachine = <Settings>(
  driver: Driver<Settings>,
  openParts: (world: SimWorld, settings: Settings) => Partial<Host>
): Driver<Settings> => ({
  ...driver,
  simulate: async (settings, world) => ({
    host: simHost({ ...world, ...openParts(world, settings) }),
    faults: [],
    setFault: () => {},
    close: () => {}
  })
})

/** A device under supervision with nothing around it: no battery, no neighbours, no chance. */
export const superviseAlone = (
  options: Pick<SuperviseOptions, 'name' | 'host' | 'start'> & Partial<SuperviseOptions>
): Supervised =>
  supervise({
    random: () => 0.5,
    onReading: () => {},
    onChange: () => {},
    onAway: () => {},
    follow: () => () => {},
    stretch: () => 1,
    worst: () => 'up',
    ...options
  })

/** What the power device says of a battery that is low or is not. */
export const onBattery = (isLow: boolean): PowerReading => ({
  kind: 'power',
  supply: 'battery',
  percent: isLow ? 10 : 90,
  milliVolts: null,
  isUnderVoltage: false,
  isLow
})

/** Reads a driver's keys as `stall.toml` has them; throws what is wrong with them. */
export function settingsOf<Settings>(
  driver: Driver<Settings>,
  keys: Readonly<Record<string, unknown>>
): Settings {
  const table = readTable(keys)
  const settings = driver.parse(table)
  const faults = table.faults({ isWholeTableRead: true })
  if (settings === undefined || faults.length > 0) {
    throw new Error(faults.map(({ sentence }) => sentence).join(' '))
  }
  return settings
}

async function benchOf<Settings>(options: BenchOptions<Settings>): Promise<DriverBench> {
  const { driver, seed = 1 } = options
  const time = handTime()
  const world = {
    startTimer: time.startTimer,
    readClocks: () => ({ wallMs: DAWN_MS + time.now(), monoMs: time.now() })
  }
  const walkers = new Set<(passage: Passage) => void>()
  const crowd = options.crowd?.(world) ?? { watch: listenersIn(walkers) }
  const settings = settingsOf(driver, options.keys)
  const simulation = await driver.simulate(settings, { ...world, seed, crowd })
  const told = { readings: [] as Reading[], conditions: [] as Condition[] }
  let run: Run | undefined
  const stop = async () => {
    run?.abort.abort()
    if (run?.running) await time.until(run.running.stop())
  }
  return {
    time,
    ...told,
    condition: () => told.conditions.at(-1) ?? { state: 'up', sentence: '', fix: '' },
    failure: () => run?.failure,
    simulation,
    setFault: simulation.setFault,
    walk: ({ inMs = 5_000, ...passage } = {}) => {
      const person = { ...WALKER, ...passage, atMs: time.now() + inMs }
      for (const listener of [...walkers]) listener(person)
    },
    say: (from, reading) => {
      for (const listener of run?.followers ?? []) listener(from, reading)
    },
    start: async () => {
      await stop()
      const now: Run = { abort: new AbortController(), followers: new Set() }
      run = now
      const starting = driver.start({
        ...contextOf(now, told),
        name: options.name ?? 'door',
        settings,
        host: guardHost(simulation.host, {
          opened: new Set(),
          isOver: () => now.abort.signal.aborted,
          onThrow: error => fail(now, error)
        }),
        worst: options.worst ?? (() => 'up')
      })
      await time.until(startRun(now, starting))
    },
    stop
  }
}

interface Run {
  readonly abort: AbortController
  readonly followers: Set<(name: string, reading: Reading) => void>
  running?: RunningDevice
  failure?: Fault
}

const contextOf = (
  run: Run,
  told: { readonly readings: Reading[]; readonly conditions: Condition[] }
): Omit<DriverContext<unknown>, 'name' | 'settings' | 'host' | 'worst'> => ({
  signal: run.abort.signal,
  tell: reading => void told.readings.push(reading),
  report: condition => void (run.abort.signal.aborted || told.conditions.push(condition)),
  fail: fault => fail(run, fault),
  follow: listener => void run.followers.add(listener),
  stretch: () => 1
})

async function startRun(run: Run, starting: Promise<RunningDevice>): Promise<void> {
  try {
    run.running = await starting
  } catch (error) {
    fail(run, error)
  }
}

/** A bug is for the test to fail by. */
function fail(run: Run, error: unknown): void {
  if (!(error instanceof Fault)) throw error
  run.failure ??= error
}

const WALKER = { direction: 'in', metresPerSecond: 1, depthMetres: 0.3 } as const

const listenersIn =
  <Listener>(listeners: Set<Listener>) =>
  (listener: Listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
