import type { LogId } from '../core/id.ts'
import type { StockedItem } from '../core/sell/item.ts'
import type { SaleRecord } from '../core/sell/sale.ts'
import type { Stall } from '../core/state.ts'
import { type Bucket, emptyTable, rows, type Table, tableOf, unpacked } from '../core/table.ts'

/**
 * A stall's state in pieces of bytes, each made in well under 5 ms, so that a snapshot of a busy
 * day is written between sales. Sales are packed at 27 bytes a row, for there are tens of
 * thousands; everything else is JSON. The state never changes in place, so a state that is packed
 * over many turns is still the state of one turn.
 */
export function* packStall(stall: Stall): Generator<Uint8Array> {
  const { items, sales, ...rest } = stall
  const kept: Json<Rest> = rest
  for (const [key, value] of Object.entries(kept)) {
    if (Array.isArray(value)) {
      const name = JSON.stringify(key)
      yield piece(LIST, `[${name}]`)
      for (const part of texts(value)) yield piece(LIST, `[${name},${part}]`)
    } else yield piece(FIELD, JSON.stringify([key, value]))
  }
  for (const part of texts(rows(items))) yield piece(ITEMS, `[${part}]`)
  for (const part of slices(sales.buckets.entries(), BUCKETS_A_PIECE)) yield packSales(part)
}

/** Builds the state from all its pieces. Throws on anything but what `packStall` made. */
export function unpackStall(pieces: readonly Uint8Array[], like: Stall): Stall {
  const rest: Record<string, unknown> = {}
  const items: (readonly [string, StockedItem])[] = []
  const sales: Buffer[] = []
  for (const bytes of pieces) {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1)
    if (bytes[0] === SALES) sales.push(body)
    else if (bytes[0] === ITEMS) items.push(...JSON.parse(body.toString()))
    else addField(rest, { isList: bytes[0] === LIST, field: JSON.parse(body.toString()) })
  }
  const { items: _items, sales: _sales, ...fields } = like
  const isWhole = Object.keys(fields).every(key => key in rest)
  if (!isWhole || Object.keys(rest).length !== Object.keys(fields).length) {
    throw new TypeError('The snapshot holds other fields than the state')
  }
  // The CRC of each piece and the fold version say that this program wrote what it reads here.
  return { ...(rest as Json<Rest> as Rest), items: tableOf(items), sales: unpackSales(sales) }
}

type Rest = Omit<Stall, 'items' | 'sales'>

/** What JSON gives back as it was; a `Table`, `Map` or bytes in the state would not compile. */
type Json<Type> = Type extends string | number | boolean | null | undefined
  ? Type
  : Type extends Table<unknown> | ReadonlyMap<unknown, unknown> | Uint8Array | bigint
    ? never
    : { readonly [Key in keyof Type]: Json<Type[Key]> }

const FIELD = 1
const LIST = 2
const ITEMS = 3
const SALES = 4

/** A piece ends with the value that reaches this: a sale may have one line, or hundreds. */
const TEXT_A_PIECE = 64 << 10
/** About 400 sales of 50,000. */
const BUCKETS_A_PIECE = 8
/** `sale id 16 | index of its log u16 | seq u32 | voided u8 | copies u32` */
const ROW_BYTES = 27
const BUCKET_HEADER_BYTES = 6

function piece(kind: number, text: string): Uint8Array {
  return Buffer.concat([Buffer.of(kind), Buffer.from(text)])
}

function addField(
  rest: Record<string, unknown>,
  { isList, field }: { readonly isList: boolean; readonly field: readonly [string, ...unknown[]] }
): void {
  const [key, ...values] = field
  if (!isList) rest[key] = values[0]
  else rest[key] = [...(Array.isArray(rest[key]) ? rest[key] : []), ...values]
}

type Buckets = readonly (readonly [number, Bucket<SaleRecord>])[]

/**
 * `kind u8 | number of logs u16 | their ids 8 each`, then for each bucket that is not empty
 * `index u16 | rows u32 | rows`. A bucket is unpacked when a sale in it is first asked for.
 */
function packSales(buckets: Buckets): Uint8Array {
  const full = buckets.flatMap(([index, packed]) => {
    const sales = [...(unpacked(packed) ?? [])]
    return sales.length > 0 ? [{ index, sales }] : []
  })
  const logs = [...new Set(full.flatMap(({ sales }) => sales.map(([, { log }]) => log)))]
  const indexByLog = new Map(logs.map((log, index) => [log, index]))
  const head = Buffer.alloc(3 + logs.length * 8)
  head[0] = SALES
  head.writeUInt16LE(logs.length, 1)
  logs.forEach((log, index) => {
    head.write(log, 3 + index * 8, 'hex')
  })
  return Buffer.concat([head, ...full.map(bucket => packBucket(bucket, indexByLog))])
}

function packBucket(
  { index, sales }: { readonly index: number; readonly sales: readonly [string, SaleRecord][] },
  indexByLog: ReadonlyMap<LogId, number>
): Buffer {
  const bytes = Buffer.alloc(BUCKET_HEADER_BYTES + sales.length * ROW_BYTES)
  bytes.writeUInt16LE(index, 0)
  bytes.writeUInt32LE(sales.length, 2)
  let at = BUCKET_HEADER_BYTES
  for (const [sale, { log, seq, isVoided, copies }] of sales) {
    bytes.write(sale, at, 'hex')
    bytes.writeUInt16LE(indexByLog.get(log) ?? 0, at + 16)
    bytes.writeUInt32LE(seq, at + 18)
    bytes[at + 22] = isVoided ? 1 : 0
    bytes.writeUInt32LE(copies, at + 23)
    at += ROW_BYTES
  }
  return bytes
}

function unpackSales(pieces: readonly Buffer[]): Table<SaleRecord> {
  const buckets: Bucket<SaleRecord>[] = [...emptyTable.buckets]
  let size = 0
  for (const bytes of pieces) {
    const logs = Array.from({ length: bytes.readUInt16LE(0) }, (_, index) =>
      bytes.toString('hex', 2 + index * 8, 10 + index * 8)
    ) as LogId[]
    let at = 2 + logs.length * 8
    while (at < bytes.length) {
      const count = bytes.readUInt32LE(at + 2)
      const from = at + BUCKET_HEADER_BYTES
      const to = from + count * ROW_BYTES
      buckets[bytes.readUInt16LE(at)] = once(() => unpackBucket(bytes.subarray(from, to), logs))
      size += count
      at = to
    }
  }
  return { size, buckets }
}

function unpackBucket(bytes: Buffer, logs: readonly LogId[]): ReadonlyMap<string, SaleRecord> {
  const bucket = new Map<string, SaleRecord>()
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const log = logs[bytes.readUInt16LE(at + 16)]
    if (log === undefined) throw new RangeError('A sale names a log that is not in its piece')
    const seq = bytes.readUInt32LE(at + 18)
    const copies = bytes.readUInt32LE(at + 23)
    const sale = bytes.toString('hex', at, at + 16)
    bucket.set(sale, { log, seq, isVoided: bytes[at + 22] === 1, copies })
  }
  return bucket
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Values as JSON with commas between them, as many as make a piece. */
function* texts(values: Iterable<unknown>): Generator<string> {
  let part: string[] = []
  let length = 0
  for (const value of values) {
    const text = JSON.stringify(value)
    part.push(text)
    length += text.length
    if (length < TEXT_A_PIECE) continue
    yield part.join(',')
    part = []
    length = 0
  }
  if (part.length > 0) yield part.join(',')
}

function* slices<Value>(all: Iterable<Value>, length: number): Generator<Value[]> {
  let part: Value[] = []
  for (const value of all) {
    part.push(value)
    if (part.length < length) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
