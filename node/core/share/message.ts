import type { LogSize } from '../ports.ts'

/** Everything that passes between two stalls to keep them in step. `wire/message.ts` has bytes. */
export type Message = Hello | Note | Want | Data | Digest

/** First on every link, from both sides; nothing else is read before it. */
export interface Hello {
  readonly kind: 'hello'
  /** The versions of this protocol that the sender speaks, both ends included. */
  readonly oldest: number
  readonly newest: number
  /** Grows with each hello that a sender sends: an old one that comes again is no news. */
  readonly session: number
  /** Of all logs that the sender holds: see `digestOf`. */
  readonly digest: Uint8Array
}

interface Versioned {
  /** What both sides agreed on. */
  readonly version: number
}

/** "I hold these logs so far." */
export interface Note extends Versioned {
  readonly kind: 'note'
  readonly sizes: readonly LogSize[]
}

/** "Give me these logs from here on." `size` is what the sender holds of each. */
export interface Want extends Versioned {
  readonly kind: 'want'
  /** Comes back with the answer. */
  readonly id: number
  readonly sizes: readonly LogSize[]
}

/** Frames: the one answer to a want, or small news that nobody asked for. */
export interface Data extends Versioned {
  readonly kind: 'data'
  /** The want that this is all of the answer to. */
  readonly answers: number | null
  readonly frames: readonly Uint8Array[]
}

/** A question whether both hold the same, or with `sizes` the whole answer to it. */
export interface Digest extends Versioned {
  readonly kind: 'digest'
  readonly digest: Uint8Array
  readonly sizes: readonly LogSize[] | null
}

/** Why something that a peer sent counts for nothing. */
export type SyncRefusal =
  /** Bytes that are no message, or a longer one than is allowed. */
  | 'malformed'
  /** A kind that this program does not know: a newer one may speak to a newer one. */
  | 'unknown-kind'
  | 'no-hello'
  /** A hello that was heard before, or an older one. */
  | 'replayed'
  | 'too-often'
  | 'no-common-version'
  | 'other-version'
  /** More logs than are kept of one peer. */
  | 'too-many-logs'
  /** What came before is not stored or answered yet. */
  | 'busy'
  /** The disk takes no frames for now. */
  | 'disk'
  /** It said that it has what it does not give. */
  | 'empty-promise'
  /** Frames that are not true: an honest peer checks what it passes on. */
  | 'false-frames'
  /** Frames of a log that has two pasts, or that were changed on the way. */
  | 'split-log'

/** The newest version that this program speaks, and the oldest. */
export const VERSIONS = { oldest: 1, newest: 1 } as const
