import { type Damage, setAside } from './quarantine.ts'
import type { ByteRange } from './record.ts'
import {
  type FoundSegment,
  openSeries,
  readSegment,
  type Series,
  type Spot,
  scanSegments
} from './segment.ts'

/** Where a series rests: a folder here; a test hands in a disk that tears, fills up and rots. */
export interface Segments {
  readonly scan: () => AsyncIterable<FoundSegment>
  /** Fewer bytes where the segment ends, none where it is gone or unreadable. */
  readonly read: (at: Spot, length: number) => Promise<Buffer>
  /** Opens the writing end behind what a scan found, and zeros what a cut-off write left there. */
  readonly open: (end: Spot, tail: ByteRange | undefined) => Promise<Series>
  /** Copies damaged bytes aside; gives those that there was no room for. */
  readonly setAside: (damages: readonly Damage[]) => Promise<readonly Damage[]>
}

export const segmentsIn = (dir: string, quarantine: string): Segments => ({
  scan: () => scanSegments(dir),
  read: (at, length) => readSegment(dir, at, length),
  open: (end, tail) => openSeries({ dir, end, tail }),
  setAside: damages => setAside(quarantine, damages)
})
