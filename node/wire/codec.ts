import { isUtf8 } from 'node:buffer'

/**
 * Deterministic CBOR (RFC 8949 4.2.1) cut down to what a ledger needs: integers in [-2^63, 2^64),
 * byte strings, UTF-8 text, arrays, maps with integer or text keys, true, false and null. Each
 * value has one encoding, so equal bytes and equal facts are the same thing. WIRE.md has the rules.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | Values | ValueMap
export type Values = readonly Value[]
export type ValueMap = ReadonlyMap<number | bigint | string, Value>

export const DEPTH_MAX = 16

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

/** Throws a `TypeError` or `RangeError` for what the profile leaves out: that is a bug here. */
export function encode(value: Value): Uint8Array {
  const start = writer.at
  try {
    write(value, 0)
    return copyOf(writer.bytes.subarray(start, writer.at))
  } finally {
    writer.at = start
  }
}

/**
 * Reads one whole value, and only in its one encoding; anything else throws `Malformed`. Byte
 * strings are views of `bytes`. Integers come as numbers where those are exact, else as bigints.
 */
export function decode(bytes: Uint8Array): Value {
  const reader: Reader = { bytes, at: 0 }
  const value = read(reader, 0)
  if (reader.at < bytes.length) throw new Malformed(reader.at, 'more bytes after the value')
  return value
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

/** The major types (RFC 8949 3.1), and 7 for the simple values. */
const UINT = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const TAG = 6
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6

const INT_MIN = -(2n ** 63n)
const UINT_MAX = 2n ** 64n - 1n

/** One buffer for all encoding, which is never interrupted; `encode` copies its part out. */
const writer = { bytes: Buffer.allocUnsafe(65_536), at: 0 }

/** Node cuts small buffers from a pool, which costs a third of what a buffer of its own does. */
function copyOf(part: Buffer): Uint8Array {
  const copy = Buffer.allocUnsafe(part.length)
  copy.set(part)
  return copy
}

function reserve(size: number): void {
  if (writer.at + size <= writer.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(writer.bytes.length * 2, writer.at + size))
  writer.bytes.copy(larger, 0, 0, writer.at)
  writer.bytes = larger
}

function write(value: Value, depth: number): void {
  if (depth > DEPTH_MAX) throw new RangeError(`Nested deeper than ${DEPTH_MAX}`)
  if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'string') writeText(value)
  else if (typeof value === 'bigint') writeBigInt(value)
  else if (value === null || typeof value === 'boolean') writeSimple(value)
  else if (value instanceof Uint8Array) writeBytes(value)
  else if (value instanceof Map) writeMap(value, depth)
  else if (Array.isArray(value)) {
    writeHead(ARRAY, value.length)
    for (const item of value) write(item, depth + 1)
  } else throw new TypeError(`Not in the profile: ${typeof value}`)
}

function writeBytes(value: Uint8Array): void {
  writeHead(BYTES, value.length)
  reserve(value.length)
  writer.bytes.set(value, writer.at)
  writer.at += value.length
}

function writeSimple(value: boolean | null): void {
  reserve(1)
  writer.bytes[writer.at++] = value === null ? NULL : value ? TRUE : FALSE
}

function writeNumber(value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not a whole number: ${value}`)
  if (value < 0) writeHead(NEGATIVE, -1 - value)
  else writeHead(UINT, value)
}

function writeBigInt(value: bigint): void {
  if (value < INT_MIN || value > UINT_MAX) throw new RangeError(`Not within 64 bits: ${value}`)
  const argument = value < 0n ? -1n - value : value
  const major = value < 0n ? NEGATIVE : UINT
  if (argument <= Number.MAX_SAFE_INTEGER) writeHead(major, Number(argument))
  else {
    reserve(9)
    writer.bytes[writer.at] = (major << 5) | 27
    writer.at = writer.bytes.writeBigUInt64BE(argument, writer.at + 1)
  }
}

function writeHead(major: number, argument: number): void {
  reserve(9)
  const { bytes } = writer
  const top = major << 5
  if (argument < 24) {
    bytes[writer.at++] = top | argument
  } else if (argument < 0x100) {
    bytes[writer.at++] = top | 24
    bytes[writer.at++] = argument
  } else if (argument < 0x1_0000) {
    bytes[writer.at++] = top | 25
    writer.at = bytes.writeUInt16BE(argument, writer.at)
  } else if (argument < 0x1_0000_0000) {
    bytes[writer.at++] = top | 26
    writer.at = bytes.writeUInt32BE(argument, writer.at)
  } else {
    bytes[writer.at++] = top | 27
    writer.at = bytes.writeUInt32BE(Math.floor(argument / 0x1_0000_0000), writer.at)
    writer.at = bytes.writeUInt32BE(argument % 0x1_0000_0000, writer.at)
  }
}

/** Shorter ASCII than this is copied here; for longer text the call into native code pays. */
const SHORT_TEXT = 24

/** Half of a surrogate pair: UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u

function writeText(text: string): void {
  if (text.length < SHORT_TEXT && writeAscii(text)) return
  const size = Buffer.byteLength(text)
  if (size > text.length && LONE_SURROGATE.test(text)) throw new TypeError('Text is not Unicode')
  writeHead(TEXT, size)
  reserve(size)
  writer.at += writer.bytes.write(text, writer.at, size, 'utf8')
}

/** Writes nothing and says false when the text is more than ASCII. */
function writeAscii(text: string): boolean {
  reserve(SHORT_TEXT + 1)
  const { bytes, at } = writer
  bytes[at] = (TEXT << 5) | text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return false
    bytes[at + 1 + index] = unit
  }
  writer.at = at + 1 + text.length
  return true
}

/** Keys in the bytewise order of their encodings (RFC 8949 4.2.1). */
function writeMap(map: ValueMap, depth: number): void {
  const rows = [...map].map(([key, value]) => ({ key: encode(key), value }))
  rows.sort((a, b) => Buffer.compare(a.key, b.key))
  writeHead(MAP, rows.length)
  rows.forEach(({ key, value }, index) => {
    const before = rows[index - 1]
    if (before && Buffer.compare(before.key, key) === 0) throw new TypeError('A key comes twice')
    reserve(key.length)
    writer.bytes.set(key, writer.at)
    writer.at += key.length
    write(value, depth + 1)
  })
}

function read(reader: Reader, depth: number): Value {
  const start = reader.at
  if (depth > DEPTH_MAX) throw new Malformed(start, `nested deeper than ${DEPTH_MAX}`)
  const initial = reader.bytes[reader.at++]
  if (initial === undefined) throw new Malformed(start, 'ends in the middle')
  const major = initial >> 5
  if (major > MAP) return readSimple(initial, start)
  const argument = readArgument(reader, initial & 31)
  if (major === UINT) return argument
  if (major === NEGATIVE) return negative(argument, start)
  // Every item takes a byte at least, so a count past the end is false before it is believed.
  const count = Number(argument)
  if (count > reader.bytes.length - reader.at) throw new Malformed(start, 'longer than the bytes')
  if (major === BYTES) return readBytes(reader, count)
  if (major === TEXT) return readText(reader, count)
  if (major === ARRAY) return readArray(reader, count, depth)
  return readMap(reader, count, depth)
}

function readSimple(initial: number, start: number): Value {
  if (initial === NULL) return null
  if (initial === TRUE) return true
  if (initial === FALSE) return false
  throw new Malformed(start, initial >> 5 === TAG ? 'a tag' : 'a float or unknown simple value')
}

/** The argument of a head (RFC 8949 3), in its shortest form only. */
function readArgument(reader: Reader, info: number): number | bigint {
  if (info < 24) return info
  const { bytes, at } = reader
  if (info > 27) throw new Malformed(at - 1, info === 31 ? 'no length given' : 'a reserved head')
  const size = 1 << (info - 24)
  if (at + size > bytes.length) throw new Malformed(at - 1, 'ends in the middle')
  reader.at += size
  let low = 0
  for (let index = size > 4 ? at + 4 : at; index < at + size; index++) {
    low = low * 0x100 + (bytes[index] ?? 0)
  }
  if (size < 8) {
    const least = info === 24 ? 24 : 2 ** (size * 4)
    if (low < least) throw new Malformed(at - 1, 'not the shortest form')
    return low
  }
  let high = 0
  for (let index = at; index < at + 4; index++) high = high * 0x100 + (bytes[index] ?? 0)
  if (high === 0) throw new Malformed(at - 1, 'not the shortest form')
  if (high < 0x20_0000) return high * 0x1_0000_0000 + low
  return (BigInt(high) << 32n) | BigInt(low)
}

function negative(argument: number | bigint, start: number): number | bigint {
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument
  const value = -1n - BigInt(argument)
  if (value < INT_MIN) throw new Malformed(start, 'an integer below -2^63')
  return value
}

function readText(reader: Reader, size: number): string {
  const { bytes, at } = reader
  reader.at += size
  if (size < SHORT_TEXT) {
    let text = ''
    let index = at
    for (; index < at + size; index++) {
      const byte = bytes[index] ?? 0
      if (byte > 0x7f) break
      text += String.fromCharCode(byte)
    }
    if (index === at + size) return text
  }
  const part = bytes.subarray(at, at + size)
  if (!isUtf8(part)) throw new Malformed(at, 'text that is not UTF-8')
  return Buffer.from(part.buffer, part.byteOffset, size).toString('utf8')
}

function readBytes(reader: Reader, size: number): Uint8Array {
  reader.at += size
  return reader.bytes.subarray(reader.at - size, reader.at)
}

function readArray(reader: Reader, count: number, depth: number): Value[] {
  const items: Value[] = []
  for (let index = 0; index < count; index++) items.push(read(reader, depth + 1))
  return items
}

function readMap(reader: Reader, count: number, depth: number): ValueMap {
  const map = new Map<number | bigint | string, Value>()
  let before: Uint8Array | undefined
  for (let index = 0; index < count; index++) {
    const start = reader.at
    const key = read(reader, depth + 1)
    if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint') {
      throw new Malformed(start, 'a key that is neither integer nor text')
    }
    const bytes = reader.bytes.subarray(start, reader.at)
    if (before && Buffer.compare(before, bytes) >= 0) {
      throw new Malformed(start, 'keys out of order or twice')
    }
    before = bytes
    map.set(key, read(reader, depth + 1))
  }
  return map
}
