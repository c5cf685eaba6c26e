import { isLogId, type LogId } from '../core/id.ts'
import type { Head } from '../core/proof/head.ts'
import { Malformed } from './canonical.ts'
import { decode, encode } from './codec.ts'
import { ENTRY_BYTES_MAX, VERSION } from './entry.ts'
import { bytesOf, list, plain, type Shape, uint } from './shape.ts'
import { shared } from './shapes.ts'

export const FRAME_BYTES_MAX = 1_048_576

/** The one thing that is stored, gossiped and uploaded: entries, and the head that signs them. */
export interface Frame extends Head {
  readonly log: LogId
  /** The place of the first entry; the last one stands at `size - 1`. */
  readonly from: number
  /** Ed25519 over the checkpoint's text, see `checkpoint.ts`. */
  readonly signature: Uint8Array
  readonly entries: readonly Uint8Array[]
}

/** `[v, log, from, size, root, signature, entries]`. Throws a `RangeError` past the limits. */
export function encodeFrame(frame: Frame): Uint8Array {
  if (frame.size !== frame.from + frame.entries.length) {
    throw new RangeError(`${frame.entries.length} entries from ${frame.from} to ${frame.size}`)
  }
  const bytes = encode([
    VERSION,
    shared.logId.encode(frame.log),
    uint.encode(frame.from),
    uint.encode(frame.size),
    root.encode(frame.root),
    signature.encode(frame.signature),
    entries.encode(frame.entries)
  ])
  if (bytes.length > FRAME_BYTES_MAX) throw new RangeError(`A frame of ${bytes.length} bytes`)
  return bytes
}

/** Checks a frame's form only, `checkFrame` its truth. Entries are views of `bytes`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > FRAME_BYTES_MAX) throw new Malformed(FRAME_BYTES_MAX, 'a frame over 1 MiB')
  const value = decode(bytes)
  if (!Array.isArray(value) || value.length !== 7) throw new Malformed(0, 'not a frame')
  if (value[0] !== VERSION) {
    throw new Malformed(1, `version ${value[0]}, which is not known here`)
  }
  const frame = {
    log: shared.logId.decode(value[1]),
    from: uint.decode(value[2]),
    size: uint.decode(value[3]),
    root: root.decode(value[4]),
    signature: signature.decode(value[5]),
    entries: entries.decode(value[6])
  }
  if (frame.size !== frame.from + frame.entries.length) {
    throw new Malformed(0, 'more or fewer entries than the head says')
  }
  return frame
}

/** The log that a frame says it is of, without reading the rest; undefined for what is none. */
export function logOfFrame(bytes: Uint8Array): LogId | undefined {
  const [head, version, log] = bytes
  if (head !== ARRAY_OF_7 || version !== VERSION || log !== BYTES_OF_8) return undefined
  const id = Buffer.from(bytes.subarray(3, 11)).toString('hex')
  return isLogId(id) ? id : undefined
}

/** Heads of CBOR (RFC 8949 3). */
const ARRAY_OF_7 = 0x87
const BYTES_OF_8 = 0x48

const root = bytesOf(32)
const signature = bytesOf(64)
const entry: Shape<Uint8Array> = plain(
  'an entry of at most 64 KiB',
  (value): value is Uint8Array => value instanceof Uint8Array && value.length <= ENTRY_BYTES_MAX
)
const entries = list(entry)
