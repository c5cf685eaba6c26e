/**
 * Watches a stream of MQTT packets for one that announces more bytes than it may have.
 *
 * MQTT.js keeps as much as a broker announces, up to 256 MB. The "remaining length" after a
 * packet's first byte (MQTT 3.1.1, 2.2.3) is known after four more at the most.
 */
export function watchLengths(options: {
  readonly bytesMax: number
  readonly tooLarge: (bytes: number) => void
}): (bytes: Uint8Array) => void {
  const { bytesMax, tooLarge } = options
  /** Bytes of the packet under way that are still to come. */
  let left = 0
  /** Which byte of a header comes next; 0 is the type. */
  let at = 0
  let length = 0
  return bytes => {
    let offset = 0
    while (offset < bytes.length) {
      if (left > 0) {
        const taken = Math.min(left, bytes.length - offset)
        left -= taken
        offset += taken
        continue
      }
      const byte = bytes[offset++] ?? 0
      if (at > 0) length += (byte & 0x7f) * 128 ** (at - 1)
      at += 1
      if (at === 1 || (byte & 0x80) !== 0) {
        // A fifth byte of length is malformed, and the reader says so.
        if (at <= 5) continue
      }
      if (length > bytesMax) return tooLarge(length)
      left = length
      at = 0
      length = 0
    }
  }
}
