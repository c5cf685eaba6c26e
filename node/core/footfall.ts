import type { Refusal } from './refusal.ts'

/** How much a count is worth. Only `direct` may raise a price. */
export const FOOTFALL_QUALITIES = ['direct', 'estimated', 'degraded', 'absent'] as const
export type FootfallQuality = (typeof FOOTFALL_QUALITIES)[number]

/** What one sensor counted between two moments (ms since 1970, half open). */
export interface FootfallCount {
  readonly sensor: string
  readonly from: number
  readonly to: number
  /** Null when nobody can say: a sensor that is absent or degraded never counts as nobody there. */
  readonly in: number | null
  readonly out: number | null
  /** Passages whose direction is unknown, or that a doubtful sensor saw. */
  readonly unsure: number
  /** Edges that the kernel had to drop. */
  readonly lostEdges: number
  readonly quality: FootfallQuality
}

export interface FootfallCounted extends FootfallCount {
  readonly type: 'footfallCounted'
}

export interface CountFootfall extends FootfallCount {
  readonly type: 'countFootfall'
}

export interface FootfallState {
  /** The newest minutes of all sensors, oldest first; at most FOOTFALL_KEPT_MAX. */
  readonly footfall: readonly FootfallCount[]
}

/** Some hours of a sensor or two: what a price window looks back on. */
export const FOOTFALL_KEPT_MAX = 720

/** More than any sensor could see in one span. */
export const COUNT_MAX = 1_000_000

export function decideCountFootfall({
  type: _,
  ...count
}: CountFootfall): readonly [FootfallCounted] | Refusal {
  const isUnknown = count.quality === 'degraded' || count.quality === 'absent'
  const isNull = count.in === null && count.out === null
  const numbers = [count.in ?? 0, count.out ?? 0, count.unsure, count.lostEdges]
  const isCount = numbers.every(
    each => Number.isSafeInteger(each) && each >= 0 && each <= COUNT_MAX
  )
  const isSane = isCount && isSpan(count) && (isNull || !isUnknown)
  if (!isSane) return { refused: 'bad-count', sensor: count.sensor }
  return [{ type: 'footfallCounted', ...count }]
}

/** What a ledger can hold of two moments; anything else of a driver would end the node's turn. */
export const isSpan = ({ from, to }: Pick<FootfallCount, 'from' | 'to'>): boolean =>
  Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from < to

export const foldFootfall = (
  footfall: readonly FootfallCount[],
  { sensor, from, to, in: into, out, unsure, lostEdges, quality }: FootfallCounted
): readonly FootfallCount[] =>
  [...footfall, { sensor, from, to, in: into, out, unsure, lostEdges, quality }].slice(
    -FOOTFALL_KEPT_MAX
  )
