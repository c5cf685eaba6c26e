import type { FootfallReading } from '../../node/core/device.ts'
import { COUNT_MAX } from '../../node/core/footfall.ts'
import {
  type Clock,
  clockAt,
  clockDrift,
  followWall,
  STEP_MS_MIN,
  startClock
} from '../../node/core/time.ts'
import type { Host } from '../host.ts'
import type { Span } from '../span.ts'

/** Collects what a sensor counts and tells it at each full minute of the wall clock. */
export interface Minutes {
  readonly add: (counts: Partial<Counts>) => void
  /** Nobody can be sure of this minute any more. */
  readonly doubt: () => void
  /** As long as this lasts nobody can be sure of any minute. */
  readonly setDoubtful: (isDoubtful: boolean) => void
  /** Tells what the last minute had by now. */
  readonly stop: () => void
}

type Counts = Readonly<Record<'in' | 'out' | 'unsure' | 'lostEdges', number>>

const MINUTE_MS = 60_000
/** Timers may come a little before their time. */
const EARLY_MS = 50
const NOTHING: Counts = { in: 0, out: 0, unsure: 0, lostEdges: 0 }

/**
 * Minutes never overlap and never run backwards: like the stall's own clock this one follows the
 * wall forward only. A minute during which the sensor began or stopped to watch is degraded.
 */
export function countMinutes(options: {
  readonly sensor: string
  readonly host: Pick<Host, 'startTimer' | 'readClocks'>
  /** What an undisturbed minute is worth; `estimated` counts have no sure direction. */
  readonly quality: 'direct' | 'estimated'
  /** Asked at each end: whether the sensor gave a sign of life since the last one. */
  readonly isAlive?: () => boolean
  readonly tell: (reading: FootfallReading) => void
}): Minutes {
  const { host } = options
  let clock = startClock(host.readClocks())
  let from = clockAt(clock, host.readClocks())
  let counts = NOTHING
  let isDoubtful = false
  let isDoubted = from % MINUTE_MS !== 0
  const end = (to: number) => {
    if (from >= to) return
    // The machine slept, or something held it up.
    isDoubted ||= to - from > MINUTE_MS
    isDoubted ||= options.isAlive?.() === false
    options.tell(readingOf({ ...options, from, to, counts, isDoubted }))
    counts = NOTHING
    isDoubted = isDoubtful
    from = to
  }
  const tick = () => {
    const now = clockAt(clock, host.readClocks()) + EARLY_MS
    end(now - (now % MINUTE_MS))
    const turned = turn(clock, host)
    clock = turned.clock
    // What a clock leaps over was no time at all.
    if (turned.isLeap) from = Math.max(from, clockAt(clock, host.readClocks()))
    stopTimer = startTick()
  }
  const startTick = () =>
    host.startTimer(MINUTE_MS - (clockAt(clock, host.readClocks()) % MINUTE_MS), tick)
  let stopTimer = startTick()
  return {
    add: more => {
      counts = sum(counts, more)
    },
    doubt: () => {
      isDoubted = true
    },
    setDoubtful: isNow => {
      isDoubtful = isNow
      isDoubted ||= isNow
    },
    stop: () => {
      stopTimer()
      const to = clockAt(clock, host.readClocks())
      isDoubted ||= to % MINUTE_MS !== 0
      end(to)
    }
  }
}

/** What a sensor that nobody can read counted: it is not known, which is not zero. */
export const absentFootfall = ({ name, from, to }: Span): FootfallReading => ({
  kind: 'footfall',
  sensor: name,
  from,
  to,
  in: null,
  out: null,
  unsure: 0,
  lostEdges: 0,
  quality: 'absent'
})

function readingOf(minute: {
  readonly sensor: string
  readonly from: number
  readonly to: number
  readonly counts: Counts
  readonly isDoubted: boolean
  readonly quality: 'direct' | 'estimated'
}): FootfallReading {
  const { sensor, from, to, counts, isDoubted, quality } = minute
  const { in: into, out, unsure, lostEdges } = counts
  const span = { kind: 'footfall', sensor, from, to, lostEdges } as const
  if (!isDoubted && quality === 'direct') return { ...span, in: into, out, unsure, quality }
  return {
    ...span,
    in: null,
    out: null,
    unsure: Math.min(COUNT_MAX, into + out + unsure),
    quality: isDoubted ? 'degraded' : quality
  }
}

/** Bounded, for a count that the stall refuses would leave a hole instead of a doubt. */
function sum(counts: Counts, more: Partial<Counts>): Counts {
  const add = (name: keyof Counts) => Math.min(COUNT_MAX, counts[name] + (more[name] ?? 0))
  return { in: add('in'), out: add('out'), unsure: add('unsure'), lostEdges: add('lostEdges') }
}

function turn(clock: Clock, host: Pick<Host, 'readClocks'>) {
  const reading = host.readClocks()
  return {
    clock: followWall(clock, reading),
    isLeap: clockDrift(clock, reading) >= STEP_MS_MIN
  }
}
