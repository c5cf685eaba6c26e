import type { Command } from './command.ts'
import type { Entry } from './entry.ts'
import type { LogId } from './id.ts'
import type { Refusal } from './refusal.ts'
import type { Receipt } from './sell/receipt.ts'
import type { Stall } from './state.ts'
import type { Place, Reading } from './time.ts'

/**
 * Every edge of a node. Store and Printer have a simulated side too; one suite of `test/contract`
 * runs over both, so that neither can promise what the other does not keep.
 */

/** Reads both clocks of the machine. */
export type ReadClocks = () => Reading

/** The ledger, as the loop needs it. Segment files here; PostgreSQL in a collector. */
export interface Store {
  /** The log being written and how many entries it holds: the next entry's place. */
  readonly end: () => Place
  /**
   * Resolves when all the entries would survive a power cut, in one frame under one signed head.
   * Rejects with a `Fault`; then none of them count.
   */
  readonly append: (entries: readonly Entry[]) => Promise<void>
  /** Whether a failed write left the log's end unsure: then `renew` comes before the next. */
  readonly isBroken: () => boolean
  /**
   * Starts a new log after a failed write, for what the disk holds of the old one is unsure.
   * The `logOpened` it returns is durable and must be folded. Rejects with a `Fault`.
   */
  readonly renew: () => Promise<Extract<Entry, { readonly type: 'logOpened' }>>
  /** Undefined when this disk does not hold it or the body is sealed to others. Never rejects. */
  readonly read: (place: Place) => Promise<Entry | undefined>
  readonly close: () => Promise<void>
}

/** What outsiders may ask of the ledger to check it. Texts in C2SP formats. */
export interface Proofs {
  /** A signed checkpoint (C2SP tlog-checkpoint), or undefined for a log that is not here. */
  readonly head: (log: string) => Promise<string | undefined>
  /** An inclusion proof with its checkpoint (C2SP tlog-proof). */
  readonly proof: (place: Place) => Promise<string | undefined>
}

/**
 * The ledger as the mesh needs it: frames, which are pieces of logs as they rest and travel, this
 * stall's own and those of its peers alike.
 */
export interface Frames {
  /** How many entries of each log are here without a gap. */
  readonly sizes: () => ReadonlyMap<LogId, number>
  /**
   * Checks peers' frames in their order, and stores what is true and new in one durable write. One
   * call at a time. Resolves with a verdict for each frame when all that was kept would survive a
   * power cut. Rejects with a `Fault`; then none of them count.
   */
  readonly keep: (frames: readonly Uint8Array[]) => Promise<readonly Verdict[]>
  /**
   * One frame that goes on from an entry, of about `bytesMax` bytes at the most and one entry at
   * the least. Undefined when this disk has nothing from there on, or cannot read it. It never
   * rejects.
   */
  readonly read: (wanted: Wanted) => Promise<Uint8Array | undefined>
}

export interface Wanted {
  readonly log: LogId
  /** The first entry that is wanted. */
  readonly from: number
  readonly bytesMax: number
}

/** What became of a peer's frame. */
export type Verdict =
  | { readonly kept: KeptFrame }
  | {
      readonly refused: FrameRefusal
      /** In words, for who looks for the trouble. */
      readonly reason: string
      /** What the frame says it is; not believed. Missing when it cannot be read. */
      readonly claim?: LogSize
    }

export interface KeptFrame extends LogSize {
  readonly from: number
  /** As it was stored: what was held before is not in it. */
  readonly bytes: Uint8Array
}

/** A log and how many entries of it somebody has. */
export interface LogSize {
  readonly log: LogId
  readonly size: number
}

export type FrameRefusal =
  /** Nothing in it is new. */
  | 'known'
  /** Entries before it are not here yet. */
  | 'gap'
  /** Not a frame. */
  | 'malformed'
  /** Its log's opening does not lead back to the market's key. */
  | 'uncertified'
  /** The log's key did not sign its head. */
  | 'untrue'
  /**
   * Its head is signed, but what is held here and its entries do not lead there: the log's writer
   * forked it, or whoever sent it changed the entries.
   */
  | 'split'
  /** The log's key signed two heads of one size: proof that its writer cannot be believed. */
  | 'forked'
  /** A log that this stall writes itself. */
  | 'own'
  | 'too-many-logs'
  /** There is no more room for peers' frames. */
  | 'full'

/** A way to one peer, and back. Whoever made it knows for sure who the peer is. */
export interface Link {
  readonly peer: string
  /** The address at the other end, where there is one. */
  readonly host?: string
  /**
   * Never waits: false when the link is down or its buffer is full, and then the message is gone.
   * Sync asks again for what it misses.
   */
  readonly send: (kind: string, bytes: Uint8Array) => boolean
  /** Ends the link; it may be made again later. */
  readonly close: (reason: string) => void
}

/** Who holds a link hears on it. */
export interface LinkEvents {
  readonly receive: (kind: string, bytes: Uint8Array) => void
  /** The link ended, from whichever side, and nothing follows. The reason is for people. */
  readonly down: (why: string) => void
}

/** Takes a link that is up: who the peer is has been proven. */
export type TakeLink = (link: Link) => LinkEvents

/**
 * Where a peer may be reached. An IPv6 address that is good on one network only carries the name
 * of the interface to it: fe80::1%eth0.
 */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Begins to make a link. Exactly one of `up` and `failed` follows, and never at once; neither
 * after it was called off with what is returned.
 */
export type Dial = (
  to: Address,
  call: { readonly up: TakeLink; readonly failed: (fault: Fault) => void }
) => () => void

/** An edge's bad news: what broke, what to do, whether trying again may help. */
export class Fault extends Error {
  readonly code: string
  readonly fix: string
  readonly isRetryable: boolean
  constructor(options: { code: string; message: string; fix: string; isRetryable: boolean }) {
    super(options.message)
    this.name = 'Fault'
    this.code = options.code
    this.fix = options.fix
    this.isRetryable = options.isRetryable
  }
}

/** What became of a command: durable entries, a polite no, or an edge's fault. No half. */
export type Outcome = { readonly entries: readonly Entry[] } | Refusal | { readonly fault: Fault }

/** The one way in. Settles when the outcome would survive a power cut. Never rejects. */
export type Submit = (command: Command) => Promise<Outcome>

/** One turn of the loop, as its listeners see it: durable already, folded already. */
export interface Turn {
  readonly entries: readonly Entry[]
  readonly stall: Stall
}
export type TurnListener = (turn: Turn) => void

export const HEALTH_STATES = ['up', 'degraded', 'down', 'absent', 'disabled'] as const
export type HealthState = (typeof HEALTH_STATES)[number]

/** How an edge is, in words a person can act on. */
export interface Health {
  readonly name: string
  readonly state: HealthState
  readonly sentence: string
  /** What to do about it; empty when there is nothing to do. */
  readonly fix: string
}

/** Why a receipt is not coming out; each has its own words on the till. */
export type PrintFault =
  | 'paper-out'
  | 'cover-open'
  | 'offline'
  | 'cutter'
  | 'printer-error'
  | 'timeout'
  | 'disconnected'

/** What a printer proved about one job. Only an answered fence is `printed`. */
export type PrintOutcome =
  | { readonly state: 'printed' | 'sent' }
  | { readonly state: 'not-started' | 'partial' | 'unknown'; readonly fault: PrintFault }

export interface Printer {
  /**
   * Prints one receipt. Never rejects, and settles when the printer is closed. While paper is out
   * or the cover open in the middle of a job it waits: printers continue by themselves.
   */
  readonly print: (receipt: Receipt) => Promise<PrintOutcome>
  /** Asks the printer how it is, within a second or so. */
  readonly probe: () => Promise<Health>
  readonly health: () => Health
  readonly close: () => Promise<void>
}

/** One receipt that waits for paper, for the printer, or for the keeper's word. */
export interface PrintJob {
  readonly sale: string
  readonly number: string
  readonly copy: number
  /** `unknown`: nobody can tell whether it came out, so the keeper is asked. */
  readonly state: 'waiting' | 'printing' | 'unknown'
}

/** The print queue as the till shows it. */
export interface PrintingView {
  readonly health: Health
  readonly jobs: readonly PrintJob[]
}

/** The way of a new stall to those who may admit it, for it has no certificate for a link yet. */
export interface Admission {
  /** Asks the members in reach, one after the other; undefined when none of them answers. */
  readonly ask: (request: Uint8Array) => Promise<Uint8Array | undefined>
}
