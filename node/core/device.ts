import type { FootfallCount } from './footfall.ts'
import type { Health } from './ports.ts'
import type { EnergyUse } from './power.ts'

/** What a device is to the stall. */
export const DEVICE_ROLES = [
  'printer',
  'footfall',
  'presence',
  'scanner',
  'scale',
  'light',
  'button',
  'led',
  'power',
  'clock'
] as const
export type DeviceRole = (typeof DEVICE_ROLES)[number]

/** The newest thing that a device said. */
export type Reading =
  | FootfallReading
  | PresenceReading
  | ScanReading
  | WeightReading
  | ButtonReading
  | LightReading
  | EnergyReading
  | PowerReading
  | ClockReading

/** What went by in a minute. Becomes an entry. */
export interface FootfallReading extends FootfallCount {
  readonly kind: 'footfall'
}

/** Somebody is there, or nobody any more. Told when it changes; never kept. */
export interface PresenceReading {
  readonly kind: 'presence'
  readonly isOccupied: boolean
  /** How many a radar sees; null for a sensor that cannot count. */
  readonly targets: number | null
}

/** A code that was read: printable characters only. */
export interface ScanReading {
  readonly kind: 'scan'
  readonly code: string
}

export interface WeightReading {
  readonly kind: 'weight'
  readonly milligrams: number
  readonly isStable: boolean
}

export interface ButtonReading {
  readonly kind: 'button'
  readonly isPressed: boolean
  /** What a press is a wish for: the cash drawer, or nothing the stall itself does. */
  readonly asksFor: 'drawer' | null
}

export interface LightReading {
  readonly kind: 'light'
  readonly isOn: boolean
  /** 0 to 100; a relay knows only these two. */
  readonly percent: number
}

/** What a light used since it last said so. Becomes an entry. */
export interface EnergyReading extends EnergyUse {
  readonly kind: 'energy'
}

export interface PowerReading {
  readonly kind: 'power'
  readonly supply: 'mains' | 'battery' | 'unknown'
  readonly percent: number | null
  readonly milliVolts: number | null
  readonly isUnderVoltage: boolean
  /** The battery will not last: intervals stretch and lights go dim. Sales go on. */
  readonly isLow: boolean
}

export interface ClockReading {
  readonly kind: 'clock'
  readonly source: 'ntp' | 'rtc' | 'stale'
  /** How far off the wall clock may be; null where nobody can say. */
  readonly boundMs: number | null
}

/** A device as pages, programs and the doctor see it: the same words everywhere. */
export interface DeviceView {
  /** Unique at the stall: the `name` key of its table, or its role. */
  readonly name: string
  readonly role: DeviceRole
  readonly driver: string
  readonly health: Health
  /** When this state began, in ms since 1970. */
  readonly since: number
  readonly restarts: number
  readonly reading: Reading | null
  /** When it said so, in ms since 1970. */
  readonly readAt: number | null
  /** Of a simulated device: the faults that it can be given, and the one that it has. */
  readonly simulated: {
    readonly faults: readonly SimFault[]
    readonly fault: SimFault | null
  } | null
}

/** What can be wrong with a simulated device. */
export const SIM_FAULTS = [
  'paper-out',
  'cover-open',
  'unplug',
  'stall',
  'garbage',
  'wrong-baud',
  'beam-blocked',
  'bounce',
  'overflow',
  'reset-counter',
  'undervoltage',
  'clock-jump'
] as const
export type SimFault = (typeof SIM_FAULTS)[number]
