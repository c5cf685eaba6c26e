import { encodeFrame, type Frame } from '../wire/frame.ts'

/** Gathers frames of one log that follow one another into one, under the newest head of them. */
export interface Merging {
  /** False when it would be too long with this one, or it does not follow. */
  readonly add: (frame: Frame) => boolean
  /** Undefined when nothing was added. */
  readonly frame: () => Uint8Array | undefined
}

/**
 * Whoever holds a log up to `from` can check any later head, if it gets all entries between: so
 * the small frames of a day travel as few large ones, with a signature each instead of hundreds.
 */
export function mergeFrom(from: number, bytesMax: number): Merging {
  const entries: Uint8Array[] = []
  let newest: Frame | undefined
  let bytes = 0
  return {
    add: frame => {
      const next = newest?.size ?? from
      if (frame.from > next) return false
      if (frame.size <= next) return true
      const more = frame.entries.slice(next - frame.from)
      const moreBytes = more.reduce((all, entry) => all + entry.length + ENTRY_HEADER_BYTES, 0)
      if (newest && bytes + moreBytes > bytesMax) return false
      entries.push(...more)
      bytes += moreBytes
      newest = frame
      return true
    },
    frame: () => newest && encodeFrame({ ...newest, from, entries })
  }
}

/** The head of a byte string of up to 64 KiB in CBOR. */
const ENTRY_HEADER_BYTES = 3
