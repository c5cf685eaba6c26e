import type { LogId } from '../id.ts'
import type { LogSize, Verdict } from '../ports.ts'
import { conclude, DISK_PAUSE_MS, nextBatch } from './arrive.ts'
import { forget, forgetAll } from './asking.ts'
import { HELLO_MS, hear } from './hear.ts'
import { type Message, type SyncRefusal, VERSIONS } from './message.ts'
import {
  type Neighbour,
  newNeighbour,
  noteTheirs,
  noteTold,
  type WantedFrames
} from './neighbour.ts'
import {
  type Arrived,
  type GrownLog,
  grow,
  openStanding,
  ourDigest,
  oursOf,
  refuse,
  type Send,
  type Standing,
  type SyncOptions
} from './standing.ts'
import { tell } from './tell.ts'
import { rowsOf } from './vector.ts'
import { wantMissing } from './want.ts'

/**
 * How a stall keeps in step with the peers that it is linked to. It knows no clock, no disk and no
 * network: whatever happens is told to it, and `due` alone decides what is done about all that was
 * told so far. Live news and the repair of any loss take one path:
 *
 *     wrote ─▶ note, or the frame itself ─▶ want ─▶ data ─▶ keep ─▶ kept ─▶ note …
 *     now and then, with one neighbour: digest ─▶ the whole vector where they differ ─▶ want …
 */
export interface Sync {
  /** A link to a peer is up, or down. */
  readonly linked: (peer: string, now: number) => void
  readonly unlinked: (peer: string) => void
  /** A message came. Gives the reason when it counts for nothing. */
  readonly heard: (peer: string, message: Message, now: number) => SyncRefusal | undefined
  /** Something came that is no message. */
  readonly refused: (reason: SyncRefusal) => SyncRefusal
  /** Entries of this stall's own are durable. */
  readonly wrote: (frame: GrownLog) => void
  /** What became of the frames of a `keep`, each in its place. */
  readonly kept: (batch: readonly Arrived[], verdicts: readonly Verdict[], now: number) => void
  /** The disk took none of them. */
  readonly keptNone: (now: number) => void
  /** A `serve` came to its end: this went out. */
  readonly served: (peer: string, sent: readonly LogSize[]) => void
  /** What is to be done now, and when to look again if nothing happens meanwhile. */
  readonly due: (now: number) => { readonly effects: readonly Effect[]; readonly at: number }
  readonly sizes: () => ReadonlyMap<LogId, number>
  readonly view: () => SyncView
}

export type Effect =
  | { readonly type: 'send'; readonly peer: string; readonly message: Message }
  /** Read what is wanted, send it in one message and say so with `served`. */
  | {
      readonly type: 'serve'
      readonly peer: string
      readonly version: number
      readonly wanted: WantedFrames
    }
  /** Check and store frames, and say so with `kept` or `keptNone`. Never two at a time. */
  | { readonly type: 'keep'; readonly batch: readonly Arrived[] }
  /** End the link: the peer cannot be understood or believed. */
  | { readonly type: 'drop'; readonly peer: string; readonly reason: SyncRefusal }

/** For people, and for tests of the bounds. */
export interface SyncView {
  readonly peers: readonly {
    readonly peer: string
    /** Undefined until its hello is heard. */
    readonly version: number | undefined
    /** Logs of which it says to have more than is here. */
    readonly behind: number
    readonly isEager: boolean
  }[]
  /** How often each reason was given. */
  readonly refusals: Readonly<Partial<Record<SyncRefusal, number>>>
  readonly inboxBytes: number
  readonly freshBytes: number
  /** Logs that peers say to have, all peers together. */
  readonly claims: number
}

/** A whole vector goes to one peer no more often. */
const VECTOR_MS = 1_000
/** A digest goes to one neighbour after this, and up to twice as much. */
const DIGEST_MS = 5_000

export function openSync(options: SyncOptions): Sync {
  const standing = openStanding(options)
  return {
    linked: (peer, now) => {
      standing.neighbours.set(peer, newNeighbour(peer, now))
    },
    unlinked: peer => {
      standing.neighbours.delete(peer)
      standing.drops.delete(peer)
      forget(standing.asking, peer)
    },
    heard: (peer, message, now) => {
      const refused = hear(standing, peer, message, now)
      return refused && refuse(standing, refused)
    },
    refused: reason => refuse(standing, reason),
    wrote: frame => grow(standing, frame),
    kept: (batch, verdicts, now) => conclude(standing, batch, verdicts, now),
    keptNone: now => {
      standing.isKeeping = false
      standing.pausedUntil = now + DISK_PAUSE_MS
      forgetAll(standing.asking)
    },
    served: (peer, sent) => {
      const neighbour = standing.neighbours.get(peer)
      if (!neighbour) return
      neighbour.isServing = false
      for (const row of sent) {
        noteTheirs(neighbour, row)
        noteTold(neighbour, row)
      }
    },
    due: now => decideDue(standing, now),
    sizes: () => standing.ours,
    view: () => viewOf(standing)
  }
}

/** The one place where anything is decided. */
function decideDue(standing: Standing, now: number): ReturnType<Sync['due']> {
  const effects: Effect[] = []
  const send: Send = (peer, message) => effects.push({ type: 'send', peer, message })
  for (const [peer, reason] of standing.drops) effects.push({ type: 'drop', peer, reason })
  standing.drops.clear()
  let at = Number.POSITIVE_INFINITY
  for (const neighbour of standing.neighbours.values()) {
    greet(standing, neighbour, now, send)
    const vectorAt = sendVector(standing, neighbour, now, send)
    const doubtAt = askAnew(standing, neighbour, now, send)
    const tellAt = tell(standing, neighbour, now, send)
    at = Math.min(at, neighbour.helloAt, vectorAt, doubtAt, tellAt)
    const { peer, version } = neighbour
    const wanted = neighbour.isServing ? undefined : neighbour.wanted.shift()
    if (!wanted || version === undefined) continue
    neighbour.isServing = true
    effects.push({ type: 'serve', peer, version, wanted })
  }
  at = Math.min(at, wantMissing(standing, now, send), compare(standing, now, send))
  if (!standing.isKeeping && standing.inbox.length > 0) {
    effects.push({ type: 'keep', batch: nextBatch(standing) })
  }
  return { effects, at }
}

function greet(standing: Standing, neighbour: Neighbour, now: number, send: Send): void {
  if (now < neighbour.helloAt) return
  const { oldest, newest } = standing.versions ?? VERSIONS
  standing.session++
  const { session } = standing
  send(neighbour.peer, { kind: 'hello', oldest, newest, session, digest: ourDigest(standing) })
  neighbour.helloAt = neighbour.session > 0 ? Number.POSITIVE_INFINITY : now + HELLO_MS
}

function sendVector(standing: Standing, neighbour: Neighbour, now: number, send: Send): number {
  const { peer, version, isVectorDue, vectorAt } = neighbour
  if (!isVectorDue || version === undefined) return Number.POSITIVE_INFINITY
  if (now < vectorAt) return vectorAt
  neighbour.isVectorDue = false
  neighbour.vectorAt = now + VECTOR_MS
  const sizes = rowsOf(standing.ours)
  send(peer, { kind: 'digest', version, digest: ourDigest(standing), sizes })
  for (const row of sizes) noteTold(neighbour, row)
  neighbour.news.clear()
  return Number.POSITIVE_INFINITY
}

/** A peer that did not keep its word may say anew what it has. */
function askAnew(standing: Standing, neighbour: Neighbour, now: number, send: Send): number {
  const { peer, version, isDoubted, shunnedUntil } = neighbour
  if (!isDoubted || version === undefined) return Number.POSITIVE_INFINITY
  if (now < shunnedUntil) return shunnedUntil
  neighbour.isDoubted = false
  send(peer, { kind: 'digest', version, digest: ourDigest(standing), sizes: null })
  return Number.POSITIVE_INFINITY
}

/** Asks one neighbour, by chance, whether it holds the same: the net under all that was lost. */
function compare(standing: Standing, now: number, send: Send): number {
  const ready = [...standing.neighbours.values()].filter(({ version }) => version !== undefined)
  if (ready.length === 0) return Number.POSITIVE_INFINITY
  if (now < standing.digestAt) return standing.digestAt
  // The first time is soon, and by chance, or all stalls that start together would ask together.
  const isFirst = standing.digestAt === Number.NEGATIVE_INFINITY
  standing.digestAt = now + DIGEST_MS * (isFirst ? standing.random() : 1 + standing.random())
  const chosen = ready[Math.floor(standing.random() * ready.length)]
  if (chosen?.version !== undefined && !isFirst) {
    const { peer, version } = chosen
    send(peer, { kind: 'digest', version, digest: ourDigest(standing), sizes: null })
  }
  return standing.digestAt
}

function viewOf(standing: Standing): SyncView {
  const neighbours = [...standing.neighbours.values()]
  const isAhead = ([log, size]: [LogId, number]) => size > oursOf(standing, log)
  return {
    peers: neighbours.map(({ peer, version, theirs, isEager }) => ({
      peer,
      version,
      behind: [...theirs].filter(isAhead).length,
      isEager
    })),
    refusals: { ...standing.refusals },
    inboxBytes: standing.inboxBytes,
    freshBytes: standing.fresh.bytes(),
    claims: neighbours.reduce((all, { theirs }) => all + theirs.size, 0)
  }
}
