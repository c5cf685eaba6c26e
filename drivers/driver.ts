import type { DeviceRole, Reading, SimFault } from '../node/core/device.ts'
import type { Fault, Health, HealthState } from '../node/core/ports.ts'
import type { Host } from './host.ts'
import type { Crowd } from './sim/crowd.ts'
import type { Span } from './span.ts'
import type { TableReader } from './table.ts'

/**
 * A kind of device. Adding one is a file with such an object and a line in `open.ts`; its heavy
 * parts are imported when it starts, not before.
 */
export interface Driver<Settings> {
  readonly role: DeviceRole
  /** Reads the driver's own keys. Undefined when something is wrong, which the reader was told. */
  readonly parse: (table: TableReader) => Settings | undefined
  /** What it takes for itself, `gpio:GPIO17` or `/dev/ttyUSB0`: no other device may have it. */
  readonly claims: (settings: Settings) => readonly string[]
  /** Names of the devices it listens to. */
  readonly follows?: (settings: Settings) => readonly string[]
  /**
   * Resolves when the device works; rejects with a `Fault`, of which `device-absent` means "not
   * plugged in". It is told to stop by `signal`, also while it still starts.
   */
  readonly start: (context: DriverContext<Settings>) => Promise<RunningDevice>
  /** The machine with this device on it, in memory. */
  readonly simulate: (settings: Settings, world: SimWorld) => Promise<Simulation>
  /** What is to be told of a span in which nobody watched; left out where nothing is counted. */
  readonly away?: (settings: Settings, span: Span) => Reading
}

export interface DriverContext<Settings> {
  readonly name: string
  readonly settings: Settings
  /** What its callbacks throw is caught and becomes the end of this device's run. */
  readonly host: Host
  readonly signal: AbortSignal
  readonly tell: (reading: Reading) => void
  /** How it is; `up` until something else is said. The same again costs nothing. */
  readonly report: (condition: Condition) => void
  /** The device is lost: the supervisor stops it and tries again. */
  readonly fail: (fault: Fault) => void
  /**
   * What the followed devices say, for as long as this device runs. Of one that is lost it hears
   * that nobody is there and that power is unknown.
   */
  readonly follow: (listener: (name: string, reading: Reading) => void) => void
  /** 1, or more while the battery is low: intervals that may wait are multiplied by it. */
  readonly stretch: () => number
  /** How the worst part of the stall is, for a status light. */
  readonly worst: () => HealthState
}

/** `up`, `degraded` or `down`, with words for a person. */
export interface Condition extends Pick<Health, 'sentence' | 'fix'> {
  readonly state: 'up' | 'degraded' | 'down'
}

export interface RunningDevice {
  /** Lets everything go, outputs in their safe state. Has two seconds. */
  readonly stop: () => Promise<void>
}

/** What simulated devices share: one crowd walks past all of them. */
export interface SimWorld extends Pick<Host, 'startTimer' | 'readClocks'> {
  readonly seed: number
  readonly crowd: Crowd
}

export interface Simulation {
  readonly host: Host
  readonly faults: readonly SimFault[]
  /** Null ends the fault that it has. */
  readonly setFault: (fault: SimFault | null) => void
  readonly close: () => void
}
