import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'

/** What this stall knows of a peer that it is linked to. Changes with every message. */
export interface Neighbour {
  readonly peer: string
  /** Agreed on by hellos; until then nothing else is read or told. */
  version: number | undefined
  /** Of the newest hello that was heard; 0 before the first. */
  session: number
  /** When the next hello of our own is due, until the peer's is heard. */
  helloAt: number
  /** When a hello of the peer was last answered. */
  answeredAt: number
  /** What the peer holds, as far as it said or was sent. */
  readonly theirs: Map<LogId, number>
  /** What the peer was told or sent by us. */
  readonly told: Map<LogId, number>
  /** What it was sent without having asked. */
  readonly pushed: Map<LogId, number>
  /** Logs that grew and that it may not know of. */
  readonly news: Set<LogId>
  /** Logs that it sent without need, so that it should hear at once how far they are here. */
  readonly thanks: Set<LogId>
  /**
   * Whether small news go to it whole and at once. Links on which they came twice are slow paths of
   * the market's graph and get a note only, so that what is left is a tree (as in Plumtree: Leitão
   * et al. 2007), until a want on the link says that it is needed again.
   */
  isEager: boolean
  /** When all that was told so far is paid for: see `tellAt`. */
  paidUntil: number
  /** What it wants of us, in order, and whether the first of it is being read. */
  readonly wanted: WantedFrames[]
  isServing: boolean
  /** It holds something else than we do and should get our vector. */
  isVectorDue: boolean
  vectorAt: number
  /** Logs that it did not give when it was asked, and until when it is not asked again. */
  readonly avoided: Map<LogId, number>
  /** Answers in a row that brought nothing. */
  broken: number
  /** Until then it is asked for nothing, and what it says to have is not noted. */
  shunnedUntil: number
  /** After that it is asked for its vector first. */
  isDoubted: boolean
}

export interface WantedFrames {
  readonly id: number
  readonly sizes: readonly LogSize[]
}

/** So many wants of one peer may wait. */
export const WANTED_MAX = 8
/** A peer's claims on more logs than this are not remembered. */
export const CLAIMS_MAX = 4_096

export const newNeighbour = (peer: string, now: number): Neighbour => ({
  peer,
  version: undefined,
  session: 0,
  helloAt: now,
  answeredAt: Number.NEGATIVE_INFINITY,
  theirs: new Map(),
  told: new Map(),
  pushed: new Map(),
  news: new Set(),
  thanks: new Set(),
  isEager: true,
  paidUntil: now,
  wanted: [],
  isServing: false,
  isVectorDue: false,
  vectorAt: now,
  avoided: new Map(),
  broken: 0,
  shunnedUntil: now,
  isDoubted: false
})

/** On a busy link, news wait this long for one another at the most. */
export const COALESCE_MS = 250
/** So many may go out at once before a link counts as busy. */
const BURST = 2

/**
 * When the next news may go out on a link: at once while it is quiet, and every COALESCE_MS when
 * it is busy (the generic cell rate algorithm, ITU-T I.371).
 */
export const tellAt = ({ paidUntil }: Neighbour): number => paidUntil - (BURST - 1) * COALESCE_MS

/** Whether little enough is said on the link for whole frames to go unasked. */
export const isQuiet = ({ paidUntil }: Neighbour, now: number): boolean =>
  paidUntil - now <= COALESCE_MS

export function payFor(neighbour: Neighbour, now: number): void {
  neighbour.paidUntil = Math.max(neighbour.paidUntil, now) + COALESCE_MS
}

/** False when there are too many logs already. A peer's word on itself is never taken back here. */
export function noteTheirs(neighbour: Neighbour, { log, size }: LogSize): boolean {
  const { theirs } = neighbour
  const before = theirs.get(log)
  if (before === undefined && theirs.size >= CLAIMS_MAX) return false
  if (size > (before ?? 0)) theirs.set(log, size)
  return true
}

export function noteTold(neighbour: Neighbour, { log, size }: LogSize): void {
  neighbour.told.set(log, Math.max(size, neighbour.told.get(log) ?? 0))
}

/** What the peer surely or probably has by now. */
export const reached = ({ theirs, told }: Neighbour, log: LogId): number =>
  Math.max(theirs.get(log) ?? 0, told.get(log) ?? 0)
