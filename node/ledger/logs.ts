import type { LogId } from '../core/id.ts'
import type { Place } from '../core/time.ts'
import type { Spot } from './segment.ts'

/** A log of this stall, as the files have it. */
export interface KnownLog {
  readonly log: LogId
  /** One past the newest entry on disk. */
  readonly size: number
  /** Where to begin reading for an entry: one place in every ANCHOR_BYTES, in order. */
  readonly anchors: readonly Anchor[]
  /** Where the newest frame lies; its head is the log's head. */
  readonly newest: Spot
  /** Entries that should be here and are not. */
  readonly missing: readonly EntryRange[]
}

interface Anchor extends Spot {
  /** The first entry of the frame that lies here. */
  readonly from: number
}

export interface EntryRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

export type KnownLogs = Map<LogId, KnownLog>

/** A frame as the index sees it: entries `from` up to `size` of a log. */
interface IndexedFrame extends EntryRange {
  readonly log: LogId
  readonly spot: Spot
}

/** A read scans this much at the most, beside one frame. */
export const ANCHOR_BYTES = 64 << 10

export function indexFrame(logs: KnownLogs, { log, from, to, spot }: IndexedFrame): void {
  const known = logs.get(log)
  const anchors = known?.anchors ?? []
  const last = anchors.at(-1)
  const isNear = last?.segment === spot.segment && spot.offset - last.offset < ANCHOR_BYTES
  const expected = known?.size ?? 0
  const gap = from > expected ? [{ from: expected, to: from }] : []
  logs.set(log, {
    log,
    size: to,
    anchors: isNear ? anchors : [...anchors, { from, ...spot }],
    newest: spot,
    missing: gap.length > 0 ? [...(known?.missing ?? []), ...gap] : (known?.missing ?? [])
  })
}

/** A later log says how long this one was: what is not here then is missing. */
export function indexEnd(logs: KnownLogs, { log, size }: { log: LogId; size: number }): void {
  const known = logs.get(log)
  if (!known || known.size >= size) return
  const gap = { from: known.size, to: size }
  logs.set(log, { ...known, size, missing: [...known.missing, gap] })
}

/** Where to read to find an entry; undefined when no frame here holds it. */
export function whereIs(logs: KnownLogs, { log, seq }: Place): Stretch | undefined {
  const known = logs.get(log)
  if (!known || !(seq >= 0 && seq < known.size)) return undefined
  const index = known.anchors.findLastIndex(({ from }) => from <= seq)
  const at = known.anchors[index]
  return at && { at, next: known.anchors[index + 1] }
}

/** How many entries of each log are here without a gap. */
export const sizesOf = (logs: KnownLogs): Map<LogId, number> =>
  new Map([...logs].map(([log, { size, missing }]) => [log, missing[0]?.from ?? size]))

/** From one anchor of a log to its next one. */
export interface Stretch {
  readonly at: Anchor
  readonly next: Anchor | undefined
}

export const entriesText = ({ from, to }: EntryRange): string =>
  to - from === 1 ? `Entry ${from}` : `Entries ${from} to ${to - 1}`
