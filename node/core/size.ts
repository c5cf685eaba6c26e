import type { Entry } from './entry.ts'
import { LEAF_BYTES_MAX } from './proof/merkle.ts'

/** Place, type, commitment, nonce, tag, salt, padding to 64 bytes, and the head in a frame. */
const WRAPPING_BYTES = 256

/** Never less than the bytes that an entry takes in a frame, however it is sealed. */
export const entryBytesAtMost = (entry: Entry): number => WRAPPING_BYTES + bytesAtMost(entry)

/** Whether an entry surely stays a leaf of the log's tree. */
export const fitsLeaf = (entry: Entry): boolean => entryBytesAtMost(entry) <= LEAF_BYTES_MAX

/** CBOR (RFC 8949 3); a code unit of text is three bytes of UTF-8 at most. */
function bytesAtMost(value: unknown): number {
  if (typeof value === 'string') return headBytes(3 * value.length) + 3 * value.length
  if (typeof value === 'number') return headBytes(Math.abs(value))
  if (value instanceof Uint8Array) return headBytes(value.length) + value.length
  if (typeof value !== 'object' || value === null) return 1
  const values = Object.values(value)
  const inside = values.reduce<number>((all, each) => all + bytesAtMost(each), 0)
  return headBytes(values.length) + MISSING_BYTES + inside
}

/** Fields that are not there lie as null; no fact has more of them that may be missing. */
const MISSING_BYTES = 4

function headBytes(argument: number): number {
  if (argument < 24) return 1
  if (argument < 256) return 2
  if (argument < 65_536) return 3
  return argument < 4_294_967_296 ? 5 : 9
}
