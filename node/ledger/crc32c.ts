/**
 * CRC-32C (Castagnoli) as in RFC 3720 12.1 and B.4, eight bytes at a step ("slicing-by-8",
 * Kounavis and Berry 2005). Node's own zlib.crc32 is the other polynomial.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = -1
  let at = from
  for (; at + 8 <= to; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24)
  }
  for (; at < to; at++) crc = entry(0, crc ^ view.getUint8(at)) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** The polynomial 0x1EDC6F41 with its bits reversed, for CRC-32C runs from the lowest bit. */
const POLYNOMIAL = 0x82f63b78

/** Row k holds what a byte adds to the remainder when k more bytes follow it. */
const TABLE = tableOf()

const entry = (row: number, byte: number): number => TABLE[(row << 8) | (byte & 255)] ?? 0

function tableOf(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[byte] = crc
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] ?? 0
    table[at] = (table[before & 255] ?? 0) ^ (before >>> 8)
  }
  return table
}
