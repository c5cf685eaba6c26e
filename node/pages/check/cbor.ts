/**
 * Reads the profile of deterministic CBOR that receipts are written in (`node/wire/WIRE.md`), and
 * nothing else: a second reader, written apart from the stall's own, held to the same vectors.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | Values | ValueMap
export type Values = readonly Value[]
export type ValueMap = ReadonlyMap<Value, Value>

const DEPTH_MAX = 16
const INT_MAX = 2n ** 63n

/** Throws an `Error` for anything that is not exactly one value in its one encoding. */
export function decode(bytes: Uint8Array): Value {
  const reader = { bytes, at: 0 }
  const value = read(reader, 0)
  if (reader.at !== bytes.length) throw new Error('More bytes after the value')
  return value
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function read(reader: Reader, depth: number): Value {
  if (depth > DEPTH_MAX) throw new Error('Nested too deeply')
  const head = take(reader, 1)[0] ?? 0
  if (head === 0xf4) return false
  if (head === 0xf5) return true
  if (head === 0xf6) return null
  const argument = readArgument(reader, head & 0x1f)
  switch (head >> 5) {
    case 0:
      return exact(argument)
    case 1:
      if (argument >= INT_MAX) throw new Error('Below what 64 bits hold')
      return exact(-1n - argument)
    case 2:
      return take(reader, Number(argument))
    case 3:
      return readText(reader, Number(argument))
    case 4:
      return readArray(reader, Number(argument), depth)
    case 5:
      return readMap(reader, Number(argument), depth)
    default:
      throw new Error('Not in the profile')
  }
}

/** Lengths and integers in their shortest form only (RFC 8949 4.2.1). */
function readArgument(reader: Reader, short: number): bigint {
  if (short < 24) return BigInt(short)
  if (short > 27) throw new Error('Not in the profile')
  const size = 1 << (short - 24)
  const argument = take(reader, size).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n)
  const least = size === 1 ? 24n : 1n << BigInt(4 * size)
  if (argument < least) throw new Error('Not the shortest form')
  return argument
}

/** A mark at the start would be lost in some decoders, so nobody may write one (WIRE.md 1.4). */
function readText(reader: Reader, length: number): string {
  const text = utf8.decode(take(reader, length))
  if (text.startsWith('\ufeff')) throw new Error('Text begins with a byte order mark')
  return text
}

function readArray(reader: Reader, length: number, depth: number): Values {
  const items: Value[] = []
  for (let count = 0; count < length; count++) items.push(read(reader, depth + 1))
  return items
}

/** Keys in the order of their bytes, so that none can stand twice. */
function readMap(reader: Reader, length: number, depth: number): ValueMap {
  const map = new Map<Value, Value>()
  let before = ''
  for (let count = 0; count < length; count++) {
    const start = reader.at
    const key = read(reader, depth + 1)
    const isKey = typeof key === 'number' || typeof key === 'bigint' || typeof key === 'string'
    const order = hexOf(reader.bytes.subarray(start, reader.at))
    if (!isKey || order <= before) throw new Error('Keys out of order')
    before = order
    map.set(key, read(reader, depth + 1))
  }
  return map
}

function take(reader: Reader, size: number): Uint8Array {
  const end = reader.at + size
  if (end > reader.bytes.length) throw new Error('Ends too early')
  const part = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return part
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')

export function unhex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new Error('Not hexadecimal')
  return Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap(part => [...part]))
