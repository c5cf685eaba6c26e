import { isUtf8 } from 'node:buffer'

/** Bytes that are not what they should be: where, and why. */
export class Malformed extends Error {
  readonly offset: number
  readonly reason: string
  constructor(offset: number, reason: string) {
    super(`${reason} (at byte ${offset})`)
    this.name = 'Malformed'
    this.offset = offset
    this.reason = reason
  }
}

/** Undefined for bytes that are not what they should be; every other error is passed on. */
export function unlessMalformed<Result>(step: () => Result): Result | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

export const DEPTH_MAX = 16

/** The major types (RFC 8949 3.1). */
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const MAP = 5
const TAG = 6

const FALSE = 0xf4
const NULL = 0xf6

/**
 * Checks that bytes are one whole value of the profile in its one encoding (WIRE.md 1); throws
 * `Malformed` for anything else. CBOR decoders take what has two spellings, so this comes first,
 * over the bytes as they were received. Tells whether an integer is past what a number holds.
 */
export function checkCanonical(bytes: Uint8Array): { readonly hasBigInteger: boolean } {
  const walk: Walk = { bytes, at: 0, hasBigInteger: false }
  checkItem(walk, 0)
  if (walk.at < bytes.length) throw new Malformed(walk.at, 'more bytes after the value')
  return walk
}

interface Walk {
  readonly bytes: Uint8Array
  at: number
  hasBigInteger: boolean
}

function checkItem(walk: Walk, depth: number): void {
  const start = walk.at
  if (depth > DEPTH_MAX) throw new Malformed(start, `nested deeper than ${DEPTH_MAX}`)
  const initial = walk.bytes[walk.at++]
  if (initial === undefined) throw new Malformed(start, 'ends in the middle')
  const major = initial >> 5
  if (major > MAP) {
    checkSimple(initial, start)
    return
  }
  const argument = checkArgument(walk, initial & 31)
  if (major <= NEGATIVE) {
    if (argument >= Number.MAX_SAFE_INTEGER) checkLarge(walk, { start, major, argument })
    return
  }
  // Every item takes a byte at least, so a count past the end is false before it is believed.
  if (argument > walk.bytes.length - walk.at) throw new Malformed(start, 'longer than the bytes')
  if (major === BYTES) walk.at += argument
  else if (major === TEXT) checkText(walk, argument)
  else if (major === MAP) checkMap(walk, argument, depth)
  else for (let count = 0; count < argument; count++) checkItem(walk, depth + 1)
}

function checkSimple(initial: number, start: number): void {
  if (initial >= FALSE && initial <= NULL) return
  throw new Malformed(start, initial >> 5 === TAG ? 'a tag' : 'a float or unknown simple value')
}

/** The argument of a head (RFC 8949 3), in its shortest form only; inexact past 2^53. */
function checkArgument(walk: Walk, info: number): number {
  if (info < 24) return info
  const { bytes, at } = walk
  if (info > 27) throw new Malformed(at - 1, info === 31 ? 'no length given' : 'a reserved head')
  const size = 1 << (info - 24)
  if (at + size > bytes.length) throw new Malformed(at - 1, 'ends in the middle')
  walk.at += size
  let argument = 0
  for (let index = at; index < at + size; index++) argument = argument * 0x100 + (bytes[index] ?? 0)
  const least = info === 24 ? 24 : 2 ** (size * 4)
  if (argument < least) throw new Malformed(at - 1, 'not the shortest form')
  return argument
}

/** The argument is rounded here, so its highest bit is looked at for the limit. */
function checkLarge(
  walk: Walk,
  integer: { readonly start: number; readonly major: number; readonly argument: number }
): void {
  const { start, major, argument } = integer
  if (major === NEGATIVE && (walk.bytes[start + 1] ?? 0) > 0x7f) {
    throw new Malformed(start, 'an integer below -2^63')
  }
  if (major === NEGATIVE || argument > Number.MAX_SAFE_INTEGER) walk.hasBigInteger = true
}

/** For longer text the call into native code pays. */
const SHORT_TEXT = 24

function checkText(walk: Walk, size: number): void {
  const { bytes, at } = walk
  const end = at + size
  walk.at = end
  if (size < SHORT_TEXT) {
    let index = at
    while (index < end && (bytes[index] ?? 0) < 0x80) index++
    if (index === end) return
  }
  if (!isUtf8(bytes.subarray(at, end))) throw new Malformed(at, 'text that is not UTF-8')
  if (size >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
    throw new Malformed(at, 'text that begins with a byte order mark')
  }
}

/** Keys in the bytewise order of their encodings (RFC 8949 4.2.1). */
function checkMap(walk: Walk, count: number, depth: number): void {
  let before: Uint8Array | undefined
  for (let index = 0; index < count; index++) {
    const start = walk.at
    checkItem(walk, depth + 1)
    const major = (walk.bytes[start] ?? 0) >> 5
    if (major > NEGATIVE && major !== TEXT) {
      throw new Malformed(start, 'a key that is neither integer nor text')
    }
    const key = walk.bytes.subarray(start, walk.at)
    if (before && Buffer.compare(before, key) >= 0) {
      throw new Malformed(start, 'keys out of order or twice')
    }
    before = key
    checkItem(walk, depth + 1)
  }
}
