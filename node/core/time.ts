import type { LogId } from './id.ts'

/** Where an entry stands. */
export interface Place {
  readonly log: LogId
  /** The leaf index in the log's Merkle tree; the first entry is 0. */
  readonly seq: number
}

/** Where and when an entry stands. */
export interface Stamp extends Place {
  /** Milliseconds since 1970 by the stall's own clock; never less than the entry's before it. */
  readonly at: number
}

/** Where and when something is decided. */
export interface Moment extends Stamp {
  /** The wall clock stands behind the newest entry: `at` goes on from there and may be wrong. */
  readonly isTimeUnsure?: boolean
}

/** One reading of both clocks of the machine. */
export interface Reading {
  /** The wall clock: may be days off, may jump either way. */
  readonly wallMs: number
  /** Milliseconds since this boot; only ever grows. */
  readonly monoMs: number
}

/** The stall's clock: a wall time that was trusted once, carried on by the monotonic clock. */
export interface Clock {
  readonly offsetMs: number
}

/** A step smaller than this is a slewing clock at work, and is followed without a word. */
export const STEP_MS_MIN = 2_000

/** A step past this is more likely a broken clock than a night without power: it is asked about. */
export const STEP_MS_MAX = 24 * 60 * 60_000

export const startClock = ({ wallMs, monoMs }: Reading): Clock => ({ offsetMs: wallMs - monoMs })

export const clockAt = (clock: Clock, reading: Reading): number =>
  Math.floor(reading.monoMs + clock.offsetMs)

/** How far the wall has moved away from the stall's clock; positive when the wall is ahead. */
export const clockDrift = (clock: Clock, { wallMs, monoMs }: Reading): number =>
  Math.round(wallMs - monoMs - clock.offsetMs)

/** Whether a drift says that the wall stands behind a clock that is never set back. */
export const isWallBehind = (driftMs: number): boolean => driftMs <= -STEP_MS_MIN

/** Whether a drift says that the wall jumped too far ahead to be believed without a word. */
export const isWallFarAhead = (driftMs: number): boolean => driftMs > STEP_MS_MAX

/**
 * Follows the wall forward, never back: receipts of one log must not run backwards, so a wall
 * clock set back an hour is shown as a fault and the stall's clock keeps walking.
 */
export function followWall(clock: Clock, reading: Reading): Clock {
  return clockDrift(clock, reading) > 0 ? startClock(reading) : clock
}

/** Calls `run` once after `ms`; what it returns calls that off. Tests hand in their own time. */
export type StartTimer = (ms: number, run: () => void) => () => void
