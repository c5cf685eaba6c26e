import type { ClockReading } from '../../node/core/device.ts'
import {
  type Clock,
  clockDrift,
  type Reading,
  STEP_MS_MIN,
  startClock
} from '../../node/core/time.ts'

/** What the machine knows of its time at one moment. */
export interface ClockFacts {
  readonly reading: Reading
  /** When the network last set the clock, by itself; undefined when not since the boot. */
  readonly syncedAt: number | undefined
  /** What the clock module with the battery says; undefined when there is none. */
  readonly rtcAt: number | undefined
}

/** What is remembered from one look to the next. */
export interface ClockMemory {
  readonly clock: Clock
  readonly syncedAt: number | undefined
  /** By how much the wall clock was last set by nobody knows whom. */
  readonly jumpMs: number | undefined
}

export interface ClockTrust extends Pick<ClockReading, 'source' | 'boundMs'> {
  readonly doubt: Doubt
  readonly memory: ClockMemory
}

/** Why the clock may be wrong, most telling first. */
type Doubt = 'none' | 'jumped' | 'set-back' | 'rtc-dead' | 'rtc-apart' | 'long-ago' | 'never-set'

/** Between two settings a Pi's crystal runs off by 100 ppm at most: 8.6 s a day. */
const DRIFT = 100e-6
/** What SNTP over a market's network gets wrong; timesyncd tells nobody its round trip. */
const NTP_BOUND_MS = 50
/** The network set it longer ago than this: then the clock module knows better. */
const NTP_AGE_MS_MAX = 24 * 60 * 60_000
/** A clock module's crystal runs off by 20 ppm, and a month without network makes that 52 s. */
const RTC_BOUND_MS = 60_000
/** It counts whole seconds, and the kernel reads it at boot only. */
const RTC_APART_MS = 3_000
/** A module whose battery died starts from 1970 or 2000. */
const RTC_AT_MIN = Date.UTC(2025, 0, 1)

/**
 * How far the wall clock may be off, and by whose word. A step of it that no setting by the
 * network explains takes all trust away until the network or the clock module agrees with it.
 */
export function trustClock(facts: ClockFacts, memory: ClockMemory | undefined): ClockTrust {
  const { reading, syncedAt, rtcAt } = facts
  const { wallMs, monoMs } = reading
  const driftMs = memory === undefined ? 0 : clockDrift(memory.clock, reading)
  const isSetAnew = syncedAt !== memory?.syncedAt
  const jumpMs = Math.abs(driftMs) >= STEP_MS_MIN ? driftMs : memory?.jumpMs
  const remember = (jumpMs: number | undefined) => ({
    clock: startClock(reading),
    syncedAt,
    jumpMs
  })
  const ageMs = wallMs - (syncedAt ?? Number.NaN)
  const hasJumped = jumpMs !== undefined && !isSetAnew
  if (!hasJumped && ageMs >= -STEP_MS_MIN && ageMs <= NTP_AGE_MS_MAX) {
    const boundMs = roundUp(NTP_BOUND_MS + Math.max(0, ageMs) * DRIFT)
    return { source: 'ntp', boundMs, doubt: 'none', memory: remember(undefined) }
  }
  const isRtcAlive = rtcAt !== undefined && rtcAt >= RTC_AT_MIN
  const apartMs = Math.abs(wallMs - (rtcAt ?? 0))
  if (isRtcAlive && apartMs <= RTC_APART_MS + monoMs * DRIFT) {
    const boundMs = roundUp(RTC_BOUND_MS + monoMs * DRIFT)
    return { source: 'rtc', boundMs, doubt: 'none', memory: remember(undefined) }
  }
  const doubt = hasJumped ? 'jumped' : doubtOf({ ageMs, rtcAt, isRtcAlive })
  const boundMs = !hasJumped && ageMs > 0 ? roundUp(NTP_BOUND_MS + ageMs * DRIFT) : null
  return { source: 'stale', boundMs, doubt, memory: remember(hasJumped ? jumpMs : undefined) }
}

function doubtOf(known: {
  readonly ageMs: number
  readonly rtcAt: number | undefined
  readonly isRtcAlive: boolean
}): Doubt {
  if (known.ageMs < -STEP_MS_MIN) return 'set-back'
  if (known.rtcAt !== undefined) return known.isRtcAlive ? 'rtc-apart' : 'rtc-dead'
  return known.ageMs > NTP_AGE_MS_MAX ? 'long-ago' : 'never-set'
}

/** To 1, 2 or 5 and zeros: a bound that is said a little too large stays true for longer. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms))
  return ([1, 2, 5].find(step => ms <= step * power) ?? 10) * power
}
