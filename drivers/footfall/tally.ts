import type { Condition } from '../driver.ts'
import type { Edge } from '../host.ts'
import type { Minutes } from './minute.ts'

/** What the changes of a sensor's lines are like in themselves, whatever they count. */
export interface EdgeTally {
  readonly take: (edges: readonly Edge[], lost: number) => void
  /** A minute is over. What it was like is said for the next one too. */
  readonly turn: () => void
  /** More of them than people can make. */
  readonly isFlooding: () => boolean
  /** How many the kernel had no room for, in this minute and the one before. */
  readonly lost: () => number
  readonly hasLostNow: () => boolean
}

/** Minutes in which edges were lost are doubted here, so that no sensor forgets to. */
export function edgeTally(options: {
  readonly edgesAMinuteMax: number
  readonly minutes: Pick<Minutes, 'add' | 'doubt'>
}): EdgeTally {
  const { edgesAMinuteMax, minutes } = options
  let now = { edges: 0, lost: 0 }
  let before = now
  return {
    take: (edges, lost) => {
      now = { edges: now.edges + edges.length, lost: now.lost + lost }
      if (lost === 0) return
      minutes.add({ lostEdges: lost })
      minutes.doubt()
    },
    turn: () => {
      before = now
      now = { edges: 0, lost: 0 }
    },
    isFlooding: () => Math.max(now.edges, before.edges) > edgesAMinuteMax,
    lost: () => now.lost + before.lost,
    hasLostNow: () => now.lost > 0
  }
}

/** The kernel had no room for what happened. */
export function missed(lost: number): Condition {
  const changes = lost === 1 ? 'a change' : `${lost} changes`
  return {
    state: 'degraded',
    sentence: `This machine was too busy and missed ${changes} of the sensor.`,
    fix: 'Nothing, if it was once: that minute counts as unknown. Else end other programs.'
  }
}
