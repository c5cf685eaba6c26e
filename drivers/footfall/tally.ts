import type { Condition } from '../driver.ts'
import type { Edge, Host } from '../host.ts'
import type { Minutes } from './minute.ts'

/** What the changes of a sensor's lines are like in themselves, whatever they count. */
export interface EdgeTally {
  readonly take: (edges: readonly Edge[], lost: number) => void
  /** More of them than people can make, and no end of it. */
  readonly isFlooding: () => boolean
  /** How many the kernel had no room for, in the last seconds. */
  readonly lost: () => number
  readonly stop: () => void
}

/** What is mended is said to be so after two of these. */
const WINDOW_MS = 5_000
const SHOWN_WINDOWS = 2
const MINUTE_WINDOWS = 60_000 / WINDOW_MS

interface Window {
  readonly edges: number
  readonly lost: number
}

const QUIET: Window = { edges: 0, lost: 0 }

/** Minutes in which edges were lost are doubted here, so that no sensor forgets to. */
export function edgeTally(options: {
  readonly edgesAMinuteMax: number
  readonly minutes: Pick<Minutes, 'add' | 'doubt'>
  readonly host: Pick<Host, 'startTimer'>
  /** Some time went by, so that it may be better. */
  readonly onTurn: () => void
}): EdgeTally {
  const { edgesAMinuteMax, minutes, host, onTurn } = options
  let now = QUIET
  /** Newest first, up to a minute. */
  let before: readonly Window[] = []
  let stopTimer: (() => void) | undefined
  const edgesIn = (windows: number) => sum([now, ...before].slice(0, windows), 'edges')
  const turn = () => {
    before = [now, ...before].slice(0, MINUTE_WINDOWS - 1)
    now = QUIET
    const isQuiet = before.every(window => window.edges + window.lost === 0)
    stopTimer = isQuiet ? undefined : host.startTimer(WINDOW_MS, turn)
    onTurn()
  }
  return {
    take: (edges, lost) => {
      now = { edges: now.edges + edges.length, lost: now.lost + lost }
      stopTimer ??= host.startTimer(WINDOW_MS, turn)
      if (lost === 0) return
      minutes.add({ lostEdges: lost })
      minutes.doubt()
    },
    // A crowd makes many in some seconds, and a loose wire that was mended none.
    isFlooding: () =>
      edgesIn(MINUTE_WINDOWS) > edgesAMinuteMax &&
      edgesIn(SHOWN_WINDOWS) > (edgesAMinuteMax * SHOWN_WINDOWS) / MINUTE_WINDOWS,
    lost: () => sum([now, ...before].slice(0, SHOWN_WINDOWS), 'lost'),
    stop: () => stopTimer?.()
  }
}

const sum = (windows: readonly Window[], what: keyof Window): number =>
  windows.reduce((total, window) => total + window[what], 0)

/** The kernel had no room for what happened. */
export function missed(lost: number): Condition {
  const changes = lost === 1 ? 'a change' : `${lost} changes`
  return {
    state: 'degraded',
    sentence: `This machine was too busy and missed ${changes} of the sensor.`,
    fix: 'Nothing, if it was once: that minute counts as unknown. Else end other programs.'
  }
}
