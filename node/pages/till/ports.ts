import type { Parcel } from './parcel.ts'

/** Every edge of the till page. Each has a browser's side and, in tests, one in memory. */

/** Where the tablet keeps what the stall has not answered yet. */
export interface ParcelStore {
  /** In no particular order. Rejects when the tablet cannot keep anything. */
  readonly all: () => Promise<readonly Parcel[]>
  /** Resolves when the parcel would survive the tablet's battery falling out. */
  readonly put: (parcel: Parcel) => Promise<void>
  readonly remove: (key: string) => Promise<void>
}

/** Small things that should survive a reload, kept at once. Losing one loses no sale. */
export interface Notebook {
  readonly read: (name: string) => string | null
  readonly write: (name: string, text: string | null) => void
}

/** What the stall said to a request. */
export type Reply =
  | { readonly state: 'done'; readonly body: unknown }
  /** It will never take this request as it is; the keeper must know. */
  | { readonly state: 'refused'; readonly trouble: Trouble }
  /** Ask again later: busy, still under way, restarting. */
  | { readonly state: 'later' }
  /** No answer at all. */
  | { readonly state: 'away' }

/** A refusal in the stall's own words. */
export interface Trouble {
  readonly problem: string
  readonly detail: string
  readonly fix: string
}

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Sent as `Idempotency-Key`. */
  readonly key?: string
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
