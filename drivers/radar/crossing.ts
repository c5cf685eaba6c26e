import type { Target } from './targets.ts'

/** A line across the radar's view. */
export interface Crossing {
  /** The coordinate that people change on their way: y is the distance from the radar. */
  readonly axis: 'x' | 'y'
  readonly atMm: number
  /** Whether who walks in comes from higher to lower numbers. */
  readonly isInFalling: boolean
}

/** Who stands on the line and sways has not crossed it. */
const MARGIN_MM = 200
/** A runner, and a radar that leaves out a frame or two. */
const STEP_MM_MAX = 900
/** Who is not seen for so long is forgotten. */
const FORGET_MS = 1_000
/** Three that it sees, and three that it just lost. */
const TRACKS_MAX = 6

/**
 * Counts who crosses a line. A target is followed from frame to frame by where it was last, for the
 * radar's slots are no names; nothing of it is kept beyond a second after it was last seen.
 */
export function crossingCounter(
  line: Crossing
): (targets: readonly Target[], monoMs: number) => { readonly in: number; readonly out: number } {
  let tracks: readonly Track[] = []
  return (targets, monoMs) => {
    const known = tracks.filter(({ seenMs }) => monoMs - seenMs <= FORGET_MS)
    const pairs = nearestFirst(known, targets)
    const moved = targets.map(target => {
      const before = pairs.find(pair => pair.target === target)?.track
      return { before, now: trackOf({ line, target, before, monoMs }) }
    })
    const lost = known.filter(track => !pairs.some(pair => pair.track === track))
    tracks = [...moved.map(({ now }) => now), ...lost].slice(0, TRACKS_MAX)
    const crossed = (from: Side, to: Side) =>
      moved.filter(({ before, now }) => before?.side === from && now.side === to).length
    const falling = crossed('above', 'below')
    const rising = crossed('below', 'above')
    return line.isInFalling ? { in: falling, out: rising } : { in: rising, out: falling }
  }
}

type Side = 'above' | 'below'

interface Track extends Pick<Target, 'xMm' | 'yMm'> {
  /** Where it was clear of the line last; undefined as long as it never was. */
  readonly side: Side | undefined
  readonly seenMs: number
}

function trackOf(options: {
  readonly line: Crossing
  readonly target: Target
  readonly before: Track | undefined
  readonly monoMs: number
}): Track {
  const { line, target, before, monoMs } = options
  const { xMm, yMm } = target
  const beyondMm = (line.axis === 'y' ? yMm : xMm) - line.atMm
  const side = beyondMm > MARGIN_MM ? 'above' : beyondMm < -MARGIN_MM ? 'below' : before?.side
  return { xMm, yMm, side, seenMs: monoMs }
}

/** Pairs of what was there and what is, the closest first, each only once. */
function nearestFirst(tracks: readonly Track[], targets: readonly Target[]) {
  const all = tracks.flatMap(track =>
    targets.map(target => ({
      track,
      target,
      stepMm: Math.hypot(track.xMm - target.xMm, track.yMm - target.yMm)
    }))
  )
  return all
    .filter(({ stepMm }) => stepMm <= STEP_MM_MAX)
    .toSorted((one, other) => one.stepMm - other.stepMm)
    .reduce<typeof all>(
      (chosen, pair) =>
        chosen.some(({ track, target }) => track === pair.track || target === pair.target)
          ? chosen
          : chosen.concat(pair),
      []
    )
}
