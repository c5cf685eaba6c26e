/** How the frames of a device begin, end, and say how long they are. */
export interface FrameShape {
  readonly header: Uint8Array
  readonly footer: Uint8Array
  /** Bytes of the frame that begins like this; 0 when it cannot be one, undefined for "not yet". */
  readonly lengthOf: (start: Uint8Array) => number | undefined
}

/**
 * Cuts frames out of bytes that come in any pieces. Where a frame does not end as it should, the
 * next header is looked for one byte on: a length that somebody made up costs nothing but that.
 * Never throws, and holds no more than one frame.
 */
export function frameReader(shape: FrameShape): (bytes: Uint8Array) => readonly Uint8Array[] {
  const { header, footer, lengthOf } = shape
  let rest = Buffer.alloc(0)
  return bytes => {
    const all = Buffer.concat([rest, bytes])
    const frames: Uint8Array[] = []
    let place = 0
    for (;;) {
      place = nextHeader(all, header, place)
      const start = all.subarray(place)
      const length = start.length < header.length ? undefined : lengthOf(start)
      if (length === undefined || length > start.length) break
      const frame = start.subarray(0, length)
      const isWhole =
        length > 0 && footer.every((byte, at) => frame.at(at - footer.length) === byte)
      if (isWhole) frames.push(Uint8Array.prototype.slice.call(frame))
      place += isWhole ? length : 1
    }
    rest = Buffer.from(all.subarray(place))
    return frames
  }
}

/** Where a header stands next, or where the last bytes could still become one. */
function nextHeader(bytes: Buffer, header: Uint8Array, from: number): number {
  const found = bytes.indexOf(header, from)
  if (found >= 0) return found
  for (
    let place = Math.max(from, bytes.length - header.length + 1);
    place < bytes.length;
    place++
  ) {
    if (bytes.subarray(place).every((byte, at) => header[at] === byte)) return place
  }
  return bytes.length
}
