import { Decoder, Encoder } from 'cbor-x/decode'
import { checkCanonical, DEPTH_MAX } from './canonical.ts'

/**
 * Deterministic CBOR (RFC 8949 4.2.1) cut down to what a ledger needs: integers in [-2^63, 2^64),
 * byte strings, UTF-8 text, arrays, maps with integer or text keys, true, false and null. Each
 * value has one encoding, so equal bytes and equal facts are the same thing. WIRE.md has the rules.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | Values | ValueMap
export type Values = readonly Value[]
export type ValueMap = ReadonlyMap<Key, Value>
type Key = number | bigint | string

/** Throws a `TypeError` or `RangeError` for what the profile leaves out: that is a bug here. */
export function encode(value: Value): Uint8Array {
  const part = encoder.encode(prepared(value, 0))
  // A copy, for what cbor-x gives out keeps its whole buffer in memory: after a frame, a megabyte.
  const copy = Buffer.allocUnsafe(part.length)
  copy.set(part)
  return copy
}

/**
 * Reads one whole value, and only in its one encoding; anything else throws `Malformed`. Byte
 * strings are views of `bytes`. Integers come as numbers where those are exact, else as bigints.
 */
export function decode(bytes: Uint8Array): Value {
  const { hasBigInteger } = checkCanonical(bytes)
  // A view of its own, for cbor-x hangs its DataView on what it is given, and entries live long.
  const view = bytes.subarray()
  return hasBigInteger ? withNumbers(bigDecoder.decode(view)) : decoder.decode(view)
}

/**
 * Deterministic with what `prepared` puts right (RFC 8949 4.2.1): the rest are its shortest heads
 * for maps, no tags for bytes and maps, and no records. Imported as `cbor-x/decode`, which on Node
 * is all of it but the native reader of text: so each board reads with the same code.
 */
const PROFILE = {
  useRecords: false,
  mapsAsObjects: false,
  variableMapSize: true,
  tagUint8Array: false,
  useTag259ForMaps: false
}
const NUMBERS = { ...PROFILE, int64AsNumber: true }
const encoder = new Encoder(PROFILE)
/** For values whose integers a number holds exactly: nearly all, and every entry has its time. */
const decoder = new Decoder(NUMBERS)
const bigDecoder = new Decoder(PROFILE)

/**
 * cbor-x writes numbers past 32 bits as floats, each bigint in 9 bytes, half of a pair as if it
 * were a character, and keys as they come. Putting that right makes an entry, sealing and all, take
 * 1.3 times what it took with an encoder of our own; two encoders to trust would cost more.
 */
function prepared(value: Value, depth: number): Value {
  if (depth > DEPTH_MAX) throw new RangeError(`Nested deeper than ${DEPTH_MAX}`)
  if (typeof value === 'string') return preparedText(value)
  if (typeof value === 'number' || typeof value === 'bigint') return preparedInteger(value)
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value
  if (value instanceof Map) return preparedMap(value, depth)
  if (!Array.isArray(value)) throw new TypeError(`Not in the profile: ${typeof value}`)
  const items: Value[] = []
  for (const item of value) items.push(prepared(item, depth + 1))
  return items
}

const INT_MIN = -(2n ** 63n)
const UINT_MAX = 2n ** 64n - 1n
const SHORT_MIN = -(2 ** 32)
const SHORT_MAX = 2 ** 32 - 1

function preparedInteger(value: number | bigint): number | bigint {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`Not a whole number: ${value}`)
  } else if (value < INT_MIN || value > UINT_MAX) {
    throw new RangeError(`Not within 64 bits: ${value}`)
  }
  return value >= SHORT_MIN && value <= SHORT_MAX ? Number(value) : BigInt(value)
}

/** Half of a surrogate pair: UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u

function preparedText(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new TypeError('Text is not Unicode')
  if (text.startsWith('\ufeff')) throw new TypeError('Text begins with a byte order mark')
  return text
}

const preparedKey = (key: Key): Key =>
  typeof key === 'string' ? preparedText(key) : preparedInteger(key)

/** Keys in the bytewise order of their encodings (RFC 8949 4.2.1). */
function preparedMap(map: ValueMap, depth: number): ValueMap {
  const rows = [...map].map(([key, value]) => ({ bytes: encode(key), key, value }))
  rows.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const sorted = new Map<Key, Value>()
  for (const { key, value } of rows) sorted.set(preparedKey(key), prepared(value, depth + 1))
  // Only 1 and 1n are two keys of a map and one key here.
  if (sorted.size < map.size) throw new TypeError('A key comes twice')
  return sorted
}

/** cbor-x gives each integer of 64 bits as a bigint, or else each as a number that may be wrong. */
function withNumbers(value: Value): Value {
  if (typeof value === 'bigint') return exact(value)
  if (Array.isArray(value)) return value.map(withNumbers)
  if (!(value instanceof Map)) return value
  const map = new Map<Key, Value>()
  for (const [key, item] of value) {
    map.set(typeof key === 'bigint' ? exact(key) : key, withNumbers(item))
  }
  return map
}

const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
