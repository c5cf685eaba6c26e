import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Health } from './core/ports.ts'

/** A loop that stands still this long makes a till feel broken. */
const LAG_MS_MAX = 250

export interface LoopWatch {
  /** The longest standstill since the last time somebody asked, in ms. */
  readonly lagMs: () => number
  readonly health: () => Health
  readonly close: () => void
}

/** Watches how long the one loop of this process stands still. */
export function watchLoop(): LoopWatch {
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  let worstMs = 0
  const lagMs = () => {
    worstMs = Math.round(delays.max / 1e6)
    delays.reset()
    return worstMs
  }
  return {
    lagMs,
    health: () =>
      worstMs <= LAG_MS_MAX
        ? { name: 'loop', state: 'up', sentence: 'The box answers at once', fix: '' }
        : {
            name: 'loop',
            state: 'degraded',
            sentence: `The box stood still for ${worstMs} ms.`,
            fix: 'If it goes on, restart the box between two sales.'
          },
    close: () => delays.disable()
  }
}

const SEVERITY = { up: 0, disabled: 0, absent: 1, degraded: 1, down: 2 } as const

/** Worst first, so that a person reads what needs them before what is fine. */
export const worstFirst = (healths: readonly Health[]): readonly Health[] =>
  healths.toSorted((a, b) => SEVERITY[b.state] - SEVERITY[a.state])
