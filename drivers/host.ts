import type { Fault } from '../node/core/ports.ts'
import type { Reading as ClockReading } from '../node/core/time.ts'
import type { Line, LineListener } from './line.ts'
import type { StartTimer } from './timer.ts'

/**
 * All of the machine that a driver may touch. The real one is in `machine.ts`; a simulated device
 * brings its own, and no driver can tell which it has. Every port has a suite in `test/contract`.
 */
export interface Host {
  readonly gpio: Gpio
  readonly serial: SerialPorts
  readonly characters: CharacterDevices
  readonly files: Files
  readonly startTimer: StartTimer
  /** Both clocks; `monoMs` is CLOCK_MONOTONIC, which edges carry too. */
  readonly readClocks: () => ClockReading
}

/** GPIO lines: the kernel's character device, sysfs through onoff, or memory. */
export interface Gpio {
  /**
   * Takes lines as inputs, all in one request, so that the kernel keeps their order. Rejects with
   * a `Fault`: `device-absent` when chip or line is not there, `line-busy` when somebody has it.
   */
  readonly watch: (request: InputRequest, listener: EdgeListener) => Promise<InputLines>
  /** Takes one line as an output, at its safe state. Rejects like `watch`. */
  readonly drive: (request: OutputRequest) => Promise<OutputLine>
}

/** A line by its name in the device tree (`GPIO17`), or by its number on a chip known by label. */
export type LineRef =
  | { readonly name: string; readonly chip?: string }
  | { readonly chip: string; readonly offset: number }

export interface InputRequest {
  readonly consumer: string
  readonly lines: readonly LineRef[]
  readonly bias: 'up' | 'down' | 'off' | 'as-is'
  readonly isActiveLow: boolean
  /** 0 for none. */
  readonly debounceUs: number
}

export interface EdgeListener {
  /** In the kernel's order. `lost` is how many edges the kernel dropped before these. */
  readonly onEdges: (edges: readonly Edge[], lost: number) => void
  /** The chip is gone, and which it was. Called at most once, never after `close`. */
  readonly onGone: (fault: Fault) => void
}

export interface Edge {
  /** Which of the request's lines. */
  readonly line: number
  readonly isActive: boolean
  /** CLOCK_MONOTONIC in µs; 2^53 of them are 285 years. */
  readonly monoUs: number
}

export interface InputLines {
  /** Whether stamps are the kernel's and lost edges are told; without that no direction is sure. */
  readonly isExact: boolean
  readonly values: () => readonly boolean[]
  readonly close: () => void
}

export interface OutputRequest {
  readonly consumer: string
  readonly line: LineRef
  readonly isActiveLow: boolean
  /** What the line is at first, after `close`, and after a crash. */
  readonly safe: boolean
}

export interface OutputLine {
  readonly set: (isOn: boolean) => void
  /** Sets the safe state and lets the line go. */
  readonly close: () => void
}

export interface SerialPorts {
  /** Has its own deadline. Rejects with `device-absent`, `device-busy` or `no-permission`. */
  readonly open: (settings: SerialSettings, listener: LineListener) => Promise<Line>
}

export interface SerialSettings {
  /** A name that stays: `/dev/serial/by-id/…`. */
  readonly path: string
  readonly baud: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
  /** Nothing is sent while the device takes CTS away. Without it, nobody asks the device. */
  readonly rtscts?: boolean
}

/** Character devices without a line speed: USB printers, keyboards, watchdogs. */
export interface CharacterDevices {
  /** Rejects with a `Fault`: `device-absent`, `device-busy`, `no-permission`, `addon-missing`. */
  readonly open: (settings: CharacterSettings, listener: LineListener) => Promise<Line>
}

export interface CharacterSettings {
  readonly path: string
  readonly access: 'read' | 'both'
  /** EVIOCGRAB: what a scanner types goes to nobody else. */
  readonly isGrabbed?: boolean
}

/** Small files that the kernel keeps: `/sys`, `/run`, `/proc`. */
export interface Files {
  /** Undefined when it is not there or cannot be read; at most 4 KiB of it. Never rejects. */
  readonly read: (path: string) => Promise<string | undefined>
  /** Names in a folder, sorted; none when it is not there. Never rejects. */
  readonly list: (path: string) => Promise<readonly string[]>
  /** When it was last changed, in ms since 1970. Never rejects. */
  readonly changedAt: (path: string) => Promise<number | undefined>
  /** For LEDs in `/sys/class/leds`. Rejects with a `Fault`. */
  readonly write: (path: string, text: string) => Promise<void>
}
