import type { Parcel } from './parcel.ts'
import type { Reply, Request } from './request.ts'

/** Every edge of the till page. Each has a browser's side and, in tests, one in memory. */

/** Where the tablet keeps what the stall has not answered yet. */
export interface ParcelStore {
  /**
   * The rows as they lie there, in no particular order; a till of another age may have put them.
   * Rejects when the tablet cannot keep anything.
   */
  readonly all: () => Promise<readonly unknown[]>
  /** Resolves when the parcel would survive the tablet's battery falling out. */
  readonly put: (parcel: Parcel) => Promise<void>
  readonly remove: (key: string) => Promise<void>
}

/** Small things that should survive a reload, kept at once. Losing one loses no sale. */
export interface Notebook {
  readonly read: (name: string) => string | null
  readonly write: (name: string, text: string | null) => void
}

/** Never rejects. */
export type Ask = (request: Request) => Promise<Reply>

/**
 * Opens the live stream and yields its bytes as text as they come, heartbeats too.
 * Throws when it cannot be opened or breaks.
 */
export type OpenStream = (options: {
  readonly lastId: string | null
  readonly signal: AbortSignal
}) => AsyncIterable<string>

/** Runs `step` once after `ms`; the answer takes it back. */
export type After = (ms: number, step: () => void) => () => void

/** A clock of milliseconds that never steps while the page lives. */
export type Now = () => number
