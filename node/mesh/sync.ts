import type { LogId } from '../core/id.ts'
import { Fault, type Frames, type Link, type LogSize } from '../core/ports.ts'
import type { SyncRefusal } from '../core/share/message.ts'
import type { Arrived, GrownLog } from '../core/share/standing.ts'
import { type Effect, openSync, type Sync, type SyncView } from '../core/share/sync.ts'
import type { StartTimer } from '../core/time.ts'
import { Malformed } from '../wire/canonical.ts'
import { decodeFrame } from '../wire/frame.ts'
import { sha256 } from '../wire/hash.ts'
import { decodeMessage, encodeMessage, isMessageKind } from '../wire/message.ts'
import { CHUNK, cut, type Joiner, openJoiner, PIECE_BYTES } from './pieces.ts'

/** Sync with its hands: links, the ledger and a timer. It owns nothing that must outlive it. */
export interface MeshSync {
  /** Takes a link that is up. Give what comes on it to `receive`, and `down` when it ends. */
  readonly link: (link: Link) => LinkEnd
  /** A frame of this stall's own is durable. */
  readonly wrote: (frame: GrownLog) => void
  readonly view: () => SyncView
  /** Ends all links, and settles when the last frames that were taken are stored or refused. */
  readonly close: () => Promise<void>
}

export interface LinkEnd {
  /** Gives the reason when what came counts for nothing. Never throws. */
  readonly receive: (kind: string, bytes: Uint8Array) => SyncRefusal | undefined
  readonly down: () => void
}

export interface MeshSyncOptions {
  readonly frames: Frames
  readonly isOwn: (log: LogId) => boolean
  /** Milliseconds of a clock that never runs back. */
  readonly now: () => number
  readonly startTimer: StartTimer
  readonly random: () => number
  /** Greater than in any run of this stall before; the log's counter shifted up will do. */
  readonly session: number
  readonly versions?: { readonly oldest: number; readonly newest: number }
  /** Peers' frames that are durable now, in the order of the disk. */
  readonly onKept?: (frames: readonly GrownLog[]) => void
}

/** One answer to a want, before it is deflated. */
const DATA_BYTES_MAX = 64 << 10
/** More than the entries' bytes that a frame holds. */
const FRAME_HEADER_BYTES = 160

interface Running extends MeshSyncOptions {
  readonly sync: Sync
  readonly links: Map<string, OpenLink>
  /** The timer that runs, and when it is over. */
  timer: { readonly at: number; readonly stop: () => void } | undefined
  /** Settles when the write that is under way is through. */
  keeping: Promise<void> | undefined
  pieces: number
  isClosed: boolean
}

interface OpenLink {
  readonly link: Link
  readonly joiner: Joiner
}

export function openMeshSync(options: MeshSyncOptions): MeshSync {
  const { frames, isOwn, random, session, versions } = options
  const running: Running = {
    ...options,
    sync: openSync({
      sizes: frames.sizes(),
      isOwn,
      hash: sha256,
      random,
      session,
      ...(versions && { versions })
    }),
    links: new Map(),
    timer: undefined,
    keeping: undefined,
    pieces: 0,
    isClosed: false
  }
  return {
    link: link => open(running, link),
    wrote: frame => {
      running.sync.wrote(frame)
      evaluate(running)
    },
    view: running.sync.view,
    close: async () => {
      running.isClosed = true
      running.timer?.stop()
      for (const { link } of running.links.values()) link.close('The stall stops.')
      running.links.clear()
      await running.keeping
    }
  }
}

/** A second link to one peer takes the place of the first, which the peer has given up. */
function open(running: Running, link: Link): LinkEnd {
  const { sync, links, now } = running
  const { peer } = link
  const opened = { link, joiner: openJoiner() }
  const isCurrent = () => links.get(peer) === opened
  links.get(peer)?.link.close('The peer made another link.')
  sync.unlinked(peer)
  links.set(peer, opened)
  sync.linked(peer, now())
  evaluate(running)
  return {
    receive: (kind, bytes) => {
      if (!isCurrent()) return undefined
      const refused = receive(running, opened, kind, bytes)
      evaluate(running)
      return refused
    },
    down: () => {
      if (!isCurrent()) return
      links.delete(peer)
      sync.unlinked(peer)
      evaluate(running)
    }
  }
}

function receive(
  { sync, now }: Running,
  { link, joiner }: OpenLink,
  kind: string,
  bytes: Uint8Array
): SyncRefusal | undefined {
  try {
    const whole = kind === CHUNK ? joiner.add(bytes) : { kind, bytes }
    if (!whole) return undefined
    if (!isMessageKind(whole.kind)) return sync.refused('unknown-kind')
    return sync.heard(link.peer, decodeMessage(whole.kind, whole.bytes), now())
  } catch (error) {
    if (error instanceof Malformed) return sync.refused('malformed')
    throw error
  }
}

/** Does what is due, and comes back when something will be. */
function evaluate(running: Running): void {
  if (running.isClosed) return
  const { effects, at } = running.sync.due(running.now())
  wake(running, at)
  for (const effect of effects) perform(running, effect)
}

/** A timer that is over too early does no harm, so most are never started anew. */
function wake(running: Running, at: number): void {
  const { timer, now, startTimer } = running
  if (at >= (timer?.at ?? Number.POSITIVE_INFINITY)) return
  timer?.stop()
  const stop = startTimer(Math.max(0, at - now()), () => {
    running.timer = undefined
    evaluate(running)
  })
  running.timer = { at, stop }
}

function perform(running: Running, effect: Effect): void {
  switch (effect.type) {
    case 'send':
      send(running, effect.peer, effect.message)
      return
    case 'serve':
      void serve(running, effect)
      return
    case 'keep':
      running.keeping = keep(running, effect.batch)
      return
    case 'drop':
      drop(running, effect.peer, effect.reason)
  }
}

/** What a link does not take is gone; the peer's digest or its next want brings it up again. */
function send(
  running: Running,
  peer: string,
  message: Parameters<typeof encodeMessage>[0]
): boolean {
  const link = running.links.get(peer)?.link
  const bytes = encodeMessage(message)
  if (bytes.length <= PIECE_BYTES) return link?.send(message.kind, bytes) ?? false
  running.pieces++
  const parts = cut(message.kind, bytes, running.pieces)
  return parts.every(part => link?.send(CHUNK, part) ?? false)
}

function drop({ links, sync }: Running, peer: string, reason: SyncRefusal): void {
  const opened = links.get(peer)
  links.delete(peer)
  sync.unlinked(peer)
  opened?.link.close(reason)
}

/** Answers a want with one message: as much of it as fits, the first log first. */
async function serve(
  running: Running,
  { peer, version, wanted: { id, sizes } }: Extract<Effect, { type: 'serve' }>
): Promise<void> {
  const { frames, sync, links } = running
  const asked = links.get(peer)
  const found: Uint8Array[] = []
  const sent: LogSize[] = []
  let room = DATA_BYTES_MAX
  for (const { log, size } of sizes) {
    if (room <= FRAME_HEADER_BYTES) break
    const bytesMax = room - FRAME_HEADER_BYTES
    const bytes = await frames.read({ log, from: size, bytesMax })
    if (!bytes || (bytes.length > room && found.length > 0)) continue
    room -= bytes.length
    found.push(bytes)
    sent.push({ log, size: decodeFrame(bytes).size })
  }
  if (running.isClosed || links.get(peer) !== asked) return
  const isSent = send(running, peer, { kind: 'data', version, answers: id, frames: found })
  sync.served(peer, isSent ? sent : [])
  evaluate(running)
}

/** A full or failing disk is a fault that the ledger shows; here it is only waited out. */
async function keep(running: Running, batch: readonly Arrived[]): Promise<void> {
  const { frames, sync, now, onKept } = running
  try {
    const verdicts = await frames.keep(batch.flatMap(each => each.frames))
    sync.kept(batch, verdicts, now())
    onKept?.(verdicts.flatMap(verdict => ('kept' in verdict ? [verdict.kept] : [])))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    sync.keptNone(now())
  }
  running.keeping = undefined
  evaluate(running)
}
