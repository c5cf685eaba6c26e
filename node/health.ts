import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Health } from './core/ports.ts'

/** A loop that stands still this long makes a till feel broken. */
const LAG_MS_MAX = 250
/** Half of the time that a standstill is remembered, at least. */
const HALF_MS = 60_000

export interface LoopWatch {
  /** The longest standstill of the last minute or two, in ms. */
  readonly lagMs: () => number
  readonly health: () => Health
  readonly close: () => void
}

/** Watches how long the one loop of this process stands still. */
export function watchLoop({ halfMs = HALF_MS } = {}): LoopWatch {
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  const worstMs = () => Math.round(delays.max / 1e6)
  let beforeMs = 0
  // Two halves: a standstill right before the turn of one is still told for all of the next.
  const turn = setInterval(() => {
    beforeMs = worstMs()
    delays.reset()
  }, halfMs).unref()
  const lagMs = () => Math.max(beforeMs, worstMs())
  return {
    lagMs,
    health: () => loopHealth(lagMs()),
    close: () => {
      clearInterval(turn)
      delays.disable()
    }
  }
}

const loopHealth = (lagMs: number): Health =>
  lagMs <= LAG_MS_MAX
    ? { name: 'loop', state: 'up', sentence: 'The box answers at once', fix: '' }
    : {
        name: 'loop',
        state: 'degraded',
        sentence: `The box stood still for ${lagMs} ms.`,
        fix: 'If it goes on, restart the box between two sales.'
      }
