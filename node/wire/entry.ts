import type { Entry, Fact } from '../core/entry.ts'
import { LEAF_BYTES_MAX } from '../core/proof/merkle.ts'
import type { Stamp } from '../core/time.ts'
import { Malformed } from './canonical.ts'
import { decode, encode, type Value, type Values } from './codec.ts'
import { isBoxSize, type Opened, type Seal, type Sealed, seal, unseal } from './seal.ts'
import { bytesOf, isBytes, type Shape, uint } from './shape.ts'
import { isSealedType, SHAPES, shared } from './shapes.ts'

/** The version of entries and frames; a reader refuses any other. */
export const VERSION = 1

/** Each entry is a leaf of its log's tree. */
export const ENTRY_BYTES_MAX = LEAF_BYTES_MAX

/** A fact too long for one entry: what people typed can do this, so it is no bug. */
export class EntryTooLarge extends RangeError {}

/** An entry as it lies in a log: where it stands is known, what it says is not read yet. */
export interface RawEntry extends Stamp {
  /** All of it, as it was received; this is what the tree hashes. */
  readonly bytes: Uint8Array
  /** The number of a row in `shapes.ts`, or of one that a newer program knows. */
  readonly type: number
  /** The fields of an open type; of a sealed type its commitment and its box. */
  readonly body: Values
}

/** `[v, log, seq, at, type, body]`. Throws `EntryTooLarge` for an entry that would not fit. */
export function entryBytes(entry: Entry, options: Seal): Uint8Array {
  const { number, body } = SHAPES[entry.type]
  const fields = (body as Pick<Shape<Entry>, 'encode'>).encode(entry)
  const place = header({ ...entry, type: number })
  const bytes = encode([
    ...place,
    isSealedType(number) ? sealedBody(fields, place, options) : fields
  ])
  if (bytes.length > ENTRY_BYTES_MAX) throw new EntryTooLarge(`An entry of ${bytes.length} bytes`)
  return bytes
}

/** Checks the form of an entry, and leaves the meaning of its body to `openEntry`. */
export function readEntry(bytes: Uint8Array): RawEntry {
  if (bytes.length > ENTRY_BYTES_MAX) throw new Malformed(ENTRY_BYTES_MAX, 'an entry over 64 KiB')
  const value = decode(bytes)
  if (!Array.isArray(value) || value.length !== 6) throw new Malformed(0, 'not an entry')
  const [version, log, seq, at, type, body] = value
  if (version !== VERSION) throw new Malformed(1, `version ${version}, which is not known here`)
  if (!Array.isArray(body)) throw new Malformed(0, 'no body')
  const raw = {
    bytes,
    log: shared.logId.decode(log),
    seq: uint.decode(seq),
    at: uint.decode(at),
    type: uint.decode(type),
    body
  }
  if (isSealedType(raw.type)) sealedOf(raw)
  return raw
}

/**
 * Reads what an entry says. Undefined when its body is sealed and there is no key, or when its
 * type is not known here: it is carried and counted all the same.
 */
export function openEntry(raw: RawEntry, contentKey?: Uint8Array): Entry | undefined {
  const row = ROWS.get(raw.type)
  if (!row) return undefined
  const isSealed = isSealedType(raw.type)
  if (isSealed && !contentKey) return undefined
  const fields = isSealed && contentKey ? decode(openBody(raw, contentKey).body) : raw.body
  const { log, seq, at } = raw
  return { log, seq, at, type: row.type, ...row.body.decode(fields) } as Entry
}

/** The body of a sealed entry and the salt of its commitment; a receipt carries both. */
export const openBody = (raw: RawEntry, contentKey: Uint8Array): Opened =>
  unseal({ ...sealedOf(raw), contentKey, bound: encode(header(raw)) })

const ROWS: ReadonlyMap<number, { readonly type: Fact['type']; readonly body: Shape<object> }> =
  new Map(
    Object.entries(SHAPES).map(([type, row]) => [
      row.number,
      { type: type as Fact['type'], body: row.body as Shape<object> }
    ])
  )

const header = ({ log, seq, at, type }: Stamp & { readonly type: number }): Values => [
  VERSION,
  shared.logId.encode(log),
  uint.encode(seq),
  uint.encode(at),
  type
]

function sealedBody(fields: Value, place: Values, options: Seal): Values {
  const { commitment, box } = seal({ ...options, body: encode(fields), bound: encode(place) })
  return [commitment, box]
}

function sealedOf({ body }: RawEntry): Sealed {
  const [commitment, box] = body
  if (body.length !== 2 || commitment === undefined || !isBytes(box) || !isBoxSize(box.length)) {
    throw new Malformed(0, 'not a sealed body')
  }
  return { commitment: bytesOf(32).decode(commitment), box }
}
