import type { Spot } from './segment.ts'

/**
 * Where each frame of a log lies, in twelve bytes a frame: a stall holds the frames of hundreds of
 * others, interleaved, and finds any of them without a scan.
 */
export interface Spots {
  readonly count: () => number
  readonly add: (frame: { readonly from: number; readonly spot: Spot }) => void
  /** The index of the frame that holds an entry, or of the last one before it; -1 for none. */
  readonly indexOf: (seq: number) => number
  readonly at: (index: number) => Spot
}

/** `from`, segment, offset. */
const ROW = 3
const FIRST_ROWS = 4

export function keepSpots(): Spots {
  let rows = new Uint32Array(FIRST_ROWS * ROW)
  let count = 0
  const fromAt = (index: number): number => rows[index * ROW] ?? 0
  return {
    count: () => count,
    add: ({ from, spot }) => {
      if (count * ROW === rows.length) {
        const wider = new Uint32Array(rows.length * 2)
        wider.set(rows)
        rows = wider
      }
      rows.set([from, spot.segment, spot.offset], count * ROW)
      count++
    },
    indexOf: seq => {
      let [low, high] = [0, count]
      while (low < high) {
        const middle = (low + high) >> 1
        if (fromAt(middle) <= seq) low = middle + 1
        else high = middle
      }
      return low - 1
    },
    at: index => {
      if (!(index >= 0 && index < count)) throw new RangeError(`No frame ${index}`)
      return { segment: rows[index * ROW + 1] ?? 0, offset: rows[index * ROW + 2] ?? 0 }
    }
  }
}
