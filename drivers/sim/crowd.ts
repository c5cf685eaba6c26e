import type { Host } from '../host.ts'
import { chance } from './chance.ts'

/** One person on the way past the stall; which beam the body covers is the sensors' business. */
export interface Passage {
  /** When the middle of the body crosses the stall's line, in ms of the monotonic clock. */
  readonly atMs: number
  readonly direction: 'in' | 'out' | 'turned-back'
  readonly metresPerSecond: number
  /** Front to back. */
  readonly depthMetres: number
}

/** The people of a simulated market. All sensors of one stall see the same ones. */
export interface Crowd {
  /**
   * Told of each passage a little before it begins, until the function that it returns is called.
   */
  readonly watch: (listener: (passage: Passage) => void) => () => void
}

/** A slow person is in the view of a motion sensor this long before the middle of the body is. */
const NOTICE_MS = 8_000

/**
 * A market evening: groups come and go, now more and now fewer, some turn back at the door. The
 * same seed brings the same people. Nobody walks while nobody watches.
 */
export function seededCrowd(options: {
  readonly seed: number
  readonly startTimer: Host['startTimer']
  readonly readClocks: Host['readClocks']
  readonly peoplePerMinute?: number
}): Crowd {
  const { startTimer, readClocks, peoplePerMinute = 8 } = options
  const evening = eveningOf(options.seed, peoplePerMinute)
  const listeners = new Set<(passage: Passage) => void>()
  let stopTimer = () => {}
  let beganMs: number | undefined
  let next = evening()
  const announce = () => {
    const origin = beganMs ?? readClocks().monoMs + NOTICE_MS
    beganMs = origin
    stopTimer()
    for (; origin + next.atMs - NOTICE_MS <= readClocks().monoMs; next = evening()) {
      const passage = { ...next, atMs: origin + next.atMs }
      // Who passed while the machine slept was not seen, and is not made up for.
      if (passage.atMs < readClocks().monoMs) continue
      for (const listener of [...listeners]) listener(passage)
    }
    const waitMs = origin + next.atMs - NOTICE_MS - readClocks().monoMs
    stopTimer = startTimer(Math.max(1, waitMs), announce)
  }
  return {
    watch: listener => {
      const isFirst = listeners.size === 0
      listeners.add(listener)
      if (isFirst) announce()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) stopTimer()
      }
    }
  }
}

const TIDE_MS = 40 * 60_000
const GROUP_SIZES: readonly number[] = [1, 1, 1, 2, 2, 3, 4]
const PEOPLE_A_GROUP = GROUP_SIZES.reduce((sum, size) => sum + size, 0) / GROUP_SIZES.length
const BURST_CHANCE = 0.03
const BURST_FACTOR = 3
const TURN_BACK_CHANCE = 0.06

/** One passage after the other, in ms since the evening began. */
function eveningOf(seed: number, peoplePerMinute: number): () => Passage {
  const random = chance(seed)
  const between = (low: number, high: number) => low + (high - low) * random()
  let atMs = 0
  let burstEndsMs = 0
  let group: Pick<Passage, 'direction'> & { readonly left: number } = { left: 0, direction: 'in' }
  const nextGroup = () => {
    if (random() < BURST_CHANCE) burstEndsMs = atMs + between(60_000, 120_000)
    const tide = 1 + 0.6 * Math.sin((2 * Math.PI * atMs) / TIDE_MS)
    const groupsPerMinute =
      (peoplePerMinute / PEOPLE_A_GROUP) * tide * (atMs < burstEndsMs ? BURST_FACTOR : 1)
    // Groups do not know of each other, so the gaps between them are exponential.
    atMs += (-Math.log(1 - random()) * 60_000) / groupsPerMinute
    group = {
      left: GROUP_SIZES[Math.floor(random() * GROUP_SIZES.length)] ?? 1,
      direction: random() < TURN_BACK_CHANCE ? 'turned-back' : random() < 0.55 ? 'in' : 'out'
    }
  }
  return () => {
    if (group.left === 0) nextGroup()
    else atMs += between(1_200, 2_500)
    group = { ...group, left: group.left - 1 }
    return {
      atMs,
      direction: group.direction,
      metresPerSecond: between(0.4, 1.6),
      depthMetres: between(0.18, 0.45)
    }
  }
}
