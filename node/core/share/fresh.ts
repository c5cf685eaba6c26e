import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'

/** A frame that was stored a moment ago. */
export interface FreshFrame extends LogSize {
  readonly from: number
  readonly bytes: Uint8Array
}

/** The newest small frames, to be passed on without reading them back from the disk. */
export interface FreshFrames {
  readonly add: (frame: FreshFrame) => void
  /** The frame that ends at a size of a log. */
  readonly at: (place: LogSize) => FreshFrame | undefined
  readonly bytes: () => number
}

/** A frame that is longer than this is never sent unasked. */
export const INLINE_BYTES_MAX = 4 << 10
const FRESH_BYTES_MAX = 128 << 10

export function openFresh(): FreshFrames {
  /** In the order of their age. */
  const frames = new Map<LogId, FreshFrame>()
  let bytes = 0
  const remove = (frame: FreshFrame) => {
    frames.delete(frame.log)
    bytes -= frame.bytes.length
  }
  return {
    add: frame => {
      const before = frames.get(frame.log)
      if (before) remove(before)
      if (frame.bytes.length > INLINE_BYTES_MAX) return
      frames.set(frame.log, frame)
      bytes += frame.bytes.length
      for (const oldest of frames.values()) {
        if (bytes <= FRESH_BYTES_MAX) break
        remove(oldest)
      }
    },
    at: ({ log, size }) => {
      const frame = frames.get(log)
      return frame?.size === size ? frame : undefined
    },
    bytes: () => bytes
  }
}
