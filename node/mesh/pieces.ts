import { Malformed } from '../wire/canonical.ts'
import {
  decodePiece,
  encodePiece,
  MESSAGE_BYTES_MAX,
  type MessageKind,
  type Piece
} from '../wire/message.ts'

/** A peer's broker takes packets of 256 KiB; what is longer is cut. */
export const PIECE_BYTES = 128 << 10

/** The kind of topic that pieces travel on. */
export const CHUNK = 'chunk'

export function cut(kind: MessageKind, bytes: Uint8Array, id: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / PIECE_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)
    return encodePiece({ kind, id, index, count, bytes: part })
  })
}

/** Puts one link's pieces together: one message at a time, in order, or it is given up. */
export interface Joiner {
  /** The whole message with its last piece. Throws `Malformed`. */
  readonly add: (bytes: Uint8Array) => Pick<Piece, 'kind' | 'bytes'> | undefined
}

const PIECES_MAX = Math.ceil(MESSAGE_BYTES_MAX / PIECE_BYTES)

export function openJoiner(): Joiner {
  let parts: Piece[] = []
  return {
    add: bytes => {
      const piece = decodePiece(bytes)
      const [first] = parts
      const isNext =
        first?.id === piece.id && first.count === piece.count && first.kind === piece.kind
      if (!isNext || piece.index !== parts.length) parts = []
      if (piece.index !== parts.length) return undefined
      if (piece.count > PIECES_MAX || piece.bytes.length > PIECE_BYTES) {
        throw new Malformed(0, 'more or longer pieces than a message has')
      }
      parts.push(piece)
      if (parts.length < piece.count) return undefined
      const whole = Buffer.concat(parts.map(part => part.bytes))
      parts = []
      return { kind: piece.kind, bytes: whole }
    }
  }
}
