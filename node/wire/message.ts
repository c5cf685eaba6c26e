import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { LogSize } from '../core/ports.ts'
import type { Data, Digest, Hello, Message, Note, Want } from '../core/share/message.ts'
import { Malformed } from './canonical.ts'
import { decode, encode, type Value } from './codec.ts'
import { FRAME_BYTES_MAX } from './frame.ts'
import { bytes, bytesOf, isBytes, list, nullable, type Shape, text, uint } from './shape.ts'
import { shared } from './shapes.ts'

export type MessageKind = Message['kind']

/** The longest message, its pieces joined: one frame as long as a frame may be. */
export const MESSAGE_BYTES_MAX = FRAME_BYTES_MAX + 4_096
/** No message names more logs. */
export const ROWS_MAX = 4_096

export const isMessageKind = (kind: string): kind is MessageKind => Object.hasOwn(READERS, kind)

/** The kind is no part of the bytes: it is the last level of the topic. */
export function encodeMessage(message: Message): Uint8Array {
  switch (message.kind) {
    case 'hello':
      return encode(hello.encode(message))
    case 'note':
      return encode(note.encode(message))
    case 'want':
      return encode(want.encode(message))
    case 'data':
      return encode(data.encode(message))
    case 'digest':
      return encode(digest.encode(message))
  }
}

/** Throws `Malformed`. More places than are known here are a newer program's, and skipped. */
export function decodeMessage(kind: MessageKind, given: Uint8Array): Message {
  if (given.length > MESSAGE_BYTES_MAX) throw new Malformed(MESSAGE_BYTES_MAX, 'too long')
  return READERS[kind](decode(given))
}

/** A message too long for one packet travels in pieces, in their order. */
export interface Piece {
  readonly kind: MessageKind
  /** Tells the messages of one sender apart. */
  readonly id: number
  readonly index: number
  readonly count: number
  readonly bytes: Uint8Array
}

/** `[id, index, count, kind, bytes]`. */
export const encodePiece = ({ kind, id, index, count, bytes: part }: Piece): Uint8Array =>
  encode([id, index, count, kind, part])

export function decodePiece(given: Uint8Array): Piece {
  const [id, index, count, kind, part] = places(decode(given), 5)
  const piece = {
    id: uint.decode(id),
    index: uint.decode(index),
    count: uint.decode(count),
    kind: text.decode(kind),
    bytes: bytes.decode(part)
  }
  if (!isMessageKind(piece.kind)) throw new Malformed(0, 'a piece of an unknown kind')
  if (piece.index >= piece.count) throw new Malformed(0, 'a piece past the last one')
  return { ...piece, kind: piece.kind }
}

interface Layout<Type> {
  readonly encode: (message: Type) => Value
  readonly decode: (value: Value) => Type
}

/** At least so many places; there may be more. */
function places(value: Value, count: number): [Value, Value, Value, Value, Value] {
  if (!Array.isArray(value) || value.length < count) throw new Malformed(0, `not ${count} fields`)
  const [a = null, b = null, c = null, d = null, e = null] = value
  return [a, b, c, d, e]
}

/** `[log, size, log, size, …]`: twelve bytes a log. */
const rows: Shape<readonly LogSize[]> = {
  encode: sizes => {
    const flat: Value[] = []
    for (const { log, size } of sizes) flat.push(shared.logId.encode(log), uint.encode(size))
    return flat
  },
  decode: value => {
    if (!Array.isArray(value) || value.length % 2 === 1)
      throw new Malformed(0, 'not logs and sizes')
    if (value.length > 2 * ROWS_MAX) throw new Malformed(0, `over ${ROWS_MAX} logs`)
    const sizes: LogSize[] = []
    for (let at = 0; at < value.length; at += 2) {
      sizes.push({ log: shared.logId.decode(value[at]), size: uint.decode(value[at + 1]) })
    }
    return sizes
  }
}

const digestBytes = bytesOf(32)

/** Its places never change, for it comes before any version is agreed on. */
const hello: Layout<Hello> = {
  encode: ({ oldest, newest, session, digest }) => [oldest, newest, session, digest],
  decode: value => {
    const [oldest, newest, session, digest] = places(value, 4)
    return {
      kind: 'hello',
      oldest: uint.decode(oldest),
      newest: uint.decode(newest),
      session: uint.decode(session),
      digest: digestBytes.decode(digest)
    }
  }
}

const note: Layout<Note> = {
  encode: ({ version, sizes }) => [version, rows.encode(sizes)],
  decode: value => {
    const [version, sizes] = places(value, 2)
    return { kind: 'note', version: uint.decode(version), sizes: rows.decode(sizes) }
  }
}

const want: Layout<Want> = {
  encode: ({ version, id, sizes }) => [version, id, rows.encode(sizes)],
  decode: value => {
    const [version, id, sizes] = places(value, 3)
    return {
      kind: 'want',
      version: uint.decode(version),
      id: uint.decode(id),
      sizes: rows.decode(sizes)
    }
  }
}

const digest: Layout<Digest> = {
  encode: message => [message.version, message.digest, nullable(rows).encode(message.sizes)],
  decode: value => {
    const [version, hash, sizes] = places(value, 3)
    return {
      kind: 'digest',
      version: uint.decode(version),
      digest: digestBytes.decode(hash),
      sizes: nullable(rows).decode(sizes)
    }
  }
}

const frames = list(bytes)
const answers = nullable(uint)

/** The frames lie as an array, or as the raw deflate (RFC 1951) of its encoding. */
const data: Layout<Data> = {
  encode: message => [
    message.version,
    answers.encode(message.answers),
    packed(frames.encode(message.frames))
  ],
  decode: value => {
    const [version, id, box] = places(value, 3)
    return {
      kind: 'data',
      version: uint.decode(version),
      answers: answers.decode(id),
      frames: frames.decode(isBytes(box) ? decode(inflated(box)) : box)
    }
  }
}

const READERS: { readonly [Kind in MessageKind]: (value: Value) => Message } = {
  hello: hello.decode,
  note: note.decode,
  want: want.decode,
  data: data.decode,
  digest: digest.decode
}

/** Below this deflate costs more time than it saves on any link. */
const DEFLATE_BYTES_MIN = 1_024

function packed(value: Value): Value {
  const plain = encode(value)
  if (plain.length < DEFLATE_BYTES_MIN) return value
  const deflated = deflateRawSync(plain, { level: 6 })
  return deflated.length < plain.length ? deflated : value
}

function inflated(box: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(box, { maxOutputLength: MESSAGE_BYTES_MAX })
  } catch {
    throw new Malformed(0, 'not deflated, or too long when inflated')
  }
}
