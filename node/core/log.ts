import type { LogId } from './id.ts'

/** A boot began a new log. The certificates are COSE_Sign1, checked by `identity` and `verify`. */
export interface LogOpened {
  readonly type: 'logOpened'
  readonly stall: string
  /** Counts this device's logs from 1. */
  readonly counter: number
  readonly bootId: string
  /** The monotonic clock when `at` was read: times in this log can be mapped again later. */
  readonly monoMs: number
  /** Where this device's log before this one ended, as far as this disk knows. */
  readonly previous: PreviousLog | null
  /** The market key's word on the device key. */
  readonly deviceCertificate: Uint8Array
  /** The device key's word on the log key. */
  readonly logCertificate: Uint8Array
  /** The log's content key, wrapped once for each reader (HPKE, RFC 9180). */
  readonly wraps: readonly ContentKeyWrap[]
}

export interface PreviousLog {
  readonly log: LogId
  readonly size: number
  readonly root: Uint8Array
}

export interface ContentKeyWrap {
  /** SHA-256 of the reader's public key, first eight bytes. */
  readonly reader: Uint8Array
  readonly encapsulated: Uint8Array
  readonly ciphertext: Uint8Array
}

/** The wall clock jumped ahead and the stall's clock followed. */
export interface ClockStepped {
  readonly type: 'clockStepped'
  readonly monoMs: number
  readonly stepMs: number
}

export interface StepClock {
  readonly type: 'stepClock'
  readonly monoMs: number
  readonly stepMs: number
}

export interface LogState {
  readonly log: OpenLog
}

export interface OpenLog {
  readonly log: LogId
  readonly stall: string
  readonly counter: number
  /** How many receipts the log has numbered. */
  readonly receipts: number
}

export const decideStepClock = ({ monoMs, stepMs }: StepClock): readonly [ClockStepped] => [
  { type: 'clockStepped', monoMs, stepMs }
]

export const foldLogOpened = (opened: LogOpened & { readonly log: LogId }): OpenLog => ({
  log: opened.log,
  stall: opened.stall,
  counter: opened.counter,
  receipts: 0
})

/** Crockford's alphabet: no I, L, O or U, so that a number can be read out over a loud market. */
const MARKS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The next receipt's number: stall, log counter, count in the log, mark of the log. Two cards
 * copied from one another count alike, but their logs' marks differ.
 */
export function nextReceiptNumber({ stall, counter, receipts, log }: OpenLog): string {
  const bits = Number.parseInt(log.slice(0, 3), 16) >> 2
  const mark = `${MARKS[bits >> 5]}${MARKS[bits & 31]}`
  return `${stall}-${counter}-${receipts + 1}-${mark}`
}
