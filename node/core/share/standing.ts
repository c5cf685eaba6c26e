import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'
import type { Hash } from '../proof/merkle.ts'
import { type Ask, type Asking, openAsking } from './asking.ts'
import { type FreshFrames, openFresh } from './fresh.ts'
import type { Message, SyncRefusal } from './message.ts'
import type { Neighbour } from './neighbour.ts'
import { digestOf } from './vector.ts'

export interface SyncOptions {
  /** What this stall holds already, its own logs and its peers'. */
  readonly sizes: ReadonlyMap<LogId, number>
  /** A peer has no say in what this stall writes itself, so it is never asked for that. */
  readonly isOwn: (log: LogId) => boolean
  readonly hash: Hash
  readonly random: () => number
  /** The first hello's number is one more; greater than in any run of the stall before. */
  readonly session: number
  /** What a program of another version would speak. */
  readonly versions?: { readonly oldest: number; readonly newest: number }
}

/** Frames that one message brought. */
export interface Arrived {
  readonly peer: string
  readonly frames: readonly Uint8Array[]
  /** What the peer was asked, if it was. */
  readonly ask: Ask | undefined
}

/** How things stand between a stall and its peers: all that sync knows, and what it changes. */
export interface Standing extends SyncOptions {
  readonly ours: Map<LogId, number>
  readonly neighbours: Map<string, Neighbour>
  readonly fresh: FreshFrames
  readonly asking: Asking
  readonly refusals: Partial<Record<SyncRefusal, number>>
  /** Links that are to be ended, and why. */
  readonly drops: Map<string, SyncRefusal>
  /** Frames that wait to be stored, of all peers. */
  inbox: Arrived[]
  inboxBytes: number
  isKeeping: boolean
  /** The disk takes no frames before that. */
  pausedUntil: number
  /** Undefined until somebody asks again. */
  digest: Uint8Array | undefined
  digestAt: number
  /** Hellos that were said. */
  session: number
}

export const openStanding = (options: SyncOptions): Standing => ({
  ...options,
  ours: new Map(options.sizes),
  neighbours: new Map(),
  fresh: openFresh(),
  asking: openAsking(),
  refusals: {},
  drops: new Map(),
  inbox: [],
  inboxBytes: 0,
  isKeeping: false,
  pausedUntil: Number.NEGATIVE_INFINITY,
  digest: undefined,
  digestAt: Number.NEGATIVE_INFINITY
})

export type Send = (peer: string, message: Message) => void

export const oursOf = ({ ours }: Standing, log: LogId): number => ours.get(log) ?? 0

export function ourDigest(standing: Standing): Uint8Array {
  standing.digest ??= digestOf(standing.ours, standing.hash)
  return standing.digest
}

export function refuse(standing: Pick<Standing, 'refusals'>, reason: SyncRefusal): SyncRefusal {
  standing.refusals[reason] = (standing.refusals[reason] ?? 0) + 1
  return reason
}

/** Something that a peer said to have, and was asked for, did not come. */
export function breakPromise(
  standing: Pick<Standing, 'refusals'>,
  neighbour: Neighbour,
  now: number
): void {
  refuse(standing, 'empty-promise')
  neighbour.broken++
  if (neighbour.broken < BROKEN_MAX) return
  neighbour.broken = 0
  neighbour.shunnedUntil = now + SHUN_MS
  // Its word is worth nothing now; when it is asked again, a digest brings what is true of it.
  neighbour.theirs.clear()
  neighbour.isDoubted = true
}

/** So often in a row a peer may owe an answer; on a bad radio an honest one does. */
const BROKEN_MAX = 4
const SHUN_MS = 10_000

/** The frame that made a log longer, if it is at hand. */
export interface GrownLog extends LogSize {
  readonly from: number
  readonly bytes: Uint8Array
}

/** A log is longer here, durably: whoever may not know is told. */
export function grow(standing: Standing, grown: GrownLog): void {
  const { log, size } = grown
  if (size <= oursOf(standing, log)) return
  standing.ours.set(log, size)
  standing.digest = undefined
  standing.fresh.add(grown)
  for (const neighbour of standing.neighbours.values()) {
    if ((neighbour.theirs.get(log) ?? 0) < size) neighbour.news.add(log)
  }
}
