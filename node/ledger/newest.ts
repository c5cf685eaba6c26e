import type { LogId } from '../core/id.ts'
import type { Place } from '../core/time.ts'

/**
 * The newest entries as they went to the disk. A sale is answered and printed a moment after it
 * was written, and both are made of its entry's bytes: reading those back would cost more.
 */
export interface Newest {
  readonly add: (written: Written) => void
  /** Undefined for an entry that is older, or not there; then the disk knows. */
  readonly at: (place: Place) => Uint8Array | undefined
}

/** The entries of one frame that is durable. */
export interface Written {
  readonly log: LogId
  /** The place of the first entry. */
  readonly from: number
  readonly entries: readonly Uint8Array[]
}

/** About a hundred sales. */
const NEWEST_BYTES_MAX = 64 << 10

export function keepNewest(): Newest {
  const kept: Written[] = []
  let bytes = 0
  return {
    add: written => {
      kept.push(written)
      bytes += bytesIn(written)
      while (bytes > NEWEST_BYTES_MAX) bytes -= bytesIn(kept.shift() ?? written)
    },
    at: ({ log, seq }) => {
      const holder = kept.findLast(each => each.log === log && each.from <= seq)
      return holder?.entries[seq - holder.from]
    }
  }
}

const bytesIn = ({ entries }: Written): number =>
  entries.reduce((bytes, entry) => bytes + entry.length, 0)
