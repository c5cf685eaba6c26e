/**
 * A hybrid logical clock (Kulkarni et al. 2014): stamps that grow along every chain of cause and
 * effect, and stay near the true time. They order what happened at different stalls; no money hangs
 * on them.
 */
export interface HybridStamp {
  readonly ms: number
  /** Tells apart what came in one millisecond. */
  readonly count: number
}

/** What a stall takes for the time, and how far that may be off. */
export interface KnownTime {
  readonly nowMs: number
  /** Infinite while the time is unknown. */
  readonly boundMs: number
}

export type StampRefusal =
  /** So far ahead of any time that can be now that following it would let one stall drag all. */
  | { readonly refused: 'far-ahead'; readonly byMs: number }
  /** Who does not know the time cannot tell whether a stamp is far ahead. */
  | { readonly refused: 'time-unknown' }

/** A stamp further ahead than this of the latest that now can be is not followed. */
export const AHEAD_MS_MAX = 60_000
const COUNT_MAX = 65_535

export const HYBRID_START: HybridStamp = { ms: 0, count: 0 }

/** The stamp of something that happens here. */
export function tick(last: HybridStamp, { nowMs }: Pick<KnownTime, 'nowMs'>): HybridStamp {
  const ms = Math.floor(nowMs)
  return ms > last.ms ? { ms, count: 0 } : after(last)
}

/** The stamp of having heard of something that a peer stamped; greater than both. */
export function witness(
  last: HybridStamp,
  theirs: HybridStamp,
  { nowMs, boundMs }: KnownTime
): HybridStamp | StampRefusal {
  if (boundMs === Number.POSITIVE_INFINITY) return { refused: 'time-unknown' }
  const byMs = theirs.ms - (nowMs + boundMs)
  if (byMs > AHEAD_MS_MAX) return { refused: 'far-ahead', byMs }
  return tick(isBefore(last, theirs) ? theirs : last, { nowMs })
}

export const isBefore = (a: HybridStamp, b: HybridStamp): boolean =>
  a.ms < b.ms || (a.ms === b.ms && a.count < b.count)

const after = ({ ms, count }: HybridStamp): HybridStamp =>
  count < COUNT_MAX ? { ms, count: count + 1 } : { ms: ms + 1, count: 0 }
