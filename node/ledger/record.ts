import { FRAME_BYTES_MAX } from '../wire/frame.ts'
import { crc32c } from './crc32c.ts'

/**
 * How bytes rest on disk: `length u32 | CRC-32C of the bytes u32 | bytes`, little-endian, one after
 * the other, then zeros. A length of 0 therefore means: nothing was written here.
 */
export const RECORD_HEADER_BYTES = 8
export const RECORD_BYTES_MAX = RECORD_HEADER_BYTES + FRAME_BYTES_MAX

interface Found {
  /** Where the record's header begins. */
  readonly offset: number
  /** A view into the scanned bytes, not a copy. */
  readonly bytes: Uint8Array
}

export interface ByteRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

export interface Scan {
  readonly found: readonly Found[]
  /** Bytes that are no record, with records after them: something was changed. */
  readonly damaged: readonly ByteRange[]
  /** Where the last good record ends. */
  readonly end: number
  /** Bytes after `end` that are not zero: a write that was cut off, or a damaged last record. */
  readonly tail: ByteRange | undefined
}

export function recordOf(bytes: Uint8Array): Buffer {
  if (bytes.length === 0 || bytes.length > FRAME_BYTES_MAX) {
    throw new RangeError(`A record of ${bytes.length} bytes cannot be written`)
  }
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + bytes.length)
  record.writeUInt32LE(bytes.length, 0)
  record.writeUInt32LE(crc32c(bytes), 4)
  record.set(bytes, RECORD_HEADER_BYTES)
  return record
}

/** Records one after the other, for one write. */
export function joinedRecords(all: readonly Uint8Array[]): Buffer {
  const [first, ...more] = all
  if (!first) throw new RangeError('Nothing to write')
  return more.length === 0 ? recordOf(first) : Buffer.concat(all.map(recordOf))
}

/** The good record whose header begins at `at`; undefined where none lies whole. */
export function recordAt(bytes: Buffer, at: number): Uint8Array | undefined {
  const size = sizeAt(bytes, at)
  return size > 0 && isGood(bytes, at, size)
    ? bytes.subarray(at + RECORD_HEADER_BYTES, at + size)
    : undefined
}

/** Finds every good record from `from` on, whatever else lies between them. Total: never throws. */
export function scan(bytes: Buffer, from = 0): Scan {
  const found: Found[] = []
  const damaged: ByteRange[] = []
  const budget = { bytes: RESYNC_BYTES_MAX }
  const last = lastNonZero(bytes, from)
  let end = from
  let at = from
  while (at < last) {
    const size = sizeAt(bytes, at)
    if (size > 0 && isGood(bytes, at, size)) {
      found.push({ offset: at, bytes: bytes.subarray(at + RECORD_HEADER_BYTES, at + size) })
      at += size
      end = at
      continue
    }
    const next = nextRecord({ bytes, at, size, last, budget })
    if (next === undefined) break
    damaged.push({ from: at, to: next })
    at = next
  }
  return { found, damaged, end, tail: last > end ? { from: end, to: last } : undefined }
}

/**
 * The work a scan may spend on guessing where records begin again after damage. Past it the rest
 * of the file counts as damaged: bytes made to look like headers must not hold up a start.
 */
const RESYNC_BYTES_MAX = 256 << 20

/**
 * The first good record after a bad one. If the bad one's length still leads to a good record,
 * that one is taken, so that bytes inside it which look like a record are not; then every offset.
 */
function nextRecord(options: {
  readonly bytes: Buffer
  readonly at: number
  readonly size: number
  readonly last: number
  readonly budget: { bytes: number }
}): number | undefined {
  const { bytes, at, size, last, budget } = options
  if (size > 0) {
    const after = sizeAt(bytes, at + size)
    if (after > 0 && isGood(bytes, at + size, after)) return at + size
  }
  for (let guess = at + 1; guess < last; guess++) {
    const guessed = sizeAt(bytes, guess)
    if (guessed === 0) continue
    budget.bytes -= guessed
    if (budget.bytes < 0) return undefined
    if (isGood(bytes, guess, guessed)) return guess
  }
  return undefined
}

/** Header and bytes together; 0 where no record of an allowed length fits. */
function sizeAt(bytes: Buffer, at: number): number {
  if (at + RECORD_HEADER_BYTES >= bytes.length) return 0
  const length = bytes.readUInt32LE(at)
  if (length === 0 || length > FRAME_BYTES_MAX) return 0
  const size = RECORD_HEADER_BYTES + length
  return at + size <= bytes.length ? size : 0
}

const isGood = (bytes: Buffer, at: number, size: number): boolean =>
  crc32c(bytes, at + RECORD_HEADER_BYTES, at + size) === bytes.readUInt32LE(at + 4)

const ZEROS = Buffer.alloc(64 << 10)

/** Just past the last byte that is not zero, or `from`. */
function lastNonZero(bytes: Buffer, from: number): number {
  let to = bytes.length
  while (to - from >= ZEROS.length && bytes.subarray(to - ZEROS.length, to).equals(ZEROS)) {
    to -= ZEROS.length
  }
  while (to > from && bytes[to - 1] === 0) to -= 1
  return to
}
