import type { FrameRefusal, Verdict } from '../ports.ts'
import { avoid, close } from './asking.ts'
import { bytesOf, claim } from './hear.ts'
import { type Neighbour, noteTheirs } from './neighbour.ts'
import { type Arrived, breakPromise, grow, refuse, type Standing } from './standing.ts'

/** One durable write takes so much at the most, so that a sale never waits long behind it. */
const BATCH_BYTES_MAX = 256 << 10
/** After the disk refused frames. */
export const DISK_PAUSE_MS = 2_000
/** After the room for them ran out, which only a person or pruning mends. */
const FULL_PAUSE_MS = 60_000
/** A log that a peer gives another past of than is held here. */
const SPLIT_MS = 60_000

/** Takes out of the inbox what the next write holds. */
export function nextBatch(standing: Standing): readonly Arrived[] {
  let bytes = 0
  let count = 0
  for (const { frames } of standing.inbox) {
    const more = bytesOf(frames)
    if (count > 0 && bytes + more > BATCH_BYTES_MAX) break
    bytes += more
    count++
  }
  const batch = standing.inbox.slice(0, count)
  standing.inbox = standing.inbox.slice(count)
  standing.inboxBytes -= bytes
  standing.isKeeping = true
  return batch
}

/** Draws the conclusions from what became of a batch. */
export function conclude(
  standing: Standing,
  batch: readonly Arrived[],
  verdicts: readonly Verdict[],
  now: number
): void {
  standing.isKeeping = false
  let at = 0
  for (const { peer, frames, ask } of batch) {
    // The same answer may come twice; the second one keeps or breaks no promise.
    const isOpen = ask !== undefined && standing.asking.asks.get(ask.id) === ask
    if (isOpen) close(standing.asking, ask)
    const own = verdicts.slice(at, at + frames.length)
    at += frames.length
    // The link may be down meanwhile; what is true is kept all the same.
    const neighbour = standing.neighbours.get(peer)
    for (const verdict of own) {
      if ('kept' in verdict) grow(standing, verdict.kept)
      if (neighbour) judge(standing, neighbour, { verdict, isAnswer: ask !== undefined, now })
    }
    if (!neighbour || !isOpen) continue
    if (own.some(verdict => 'kept' in verdict)) neighbour.broken = 0
    else breakPromise(standing, neighbour, now)
  }
}

/** No honest peer passes these on, for it checked them. */
const FALSE: ReadonlySet<FrameRefusal> = new Set(['malformed', 'uncertified', 'untrue'])
const NO_ROOM: ReadonlySet<FrameRefusal> = new Set(['full', 'too-many-logs'])

function judge(
  standing: Standing,
  neighbour: Neighbour,
  {
    verdict,
    isAnswer,
    now
  }: { readonly verdict: Verdict; readonly isAnswer: boolean; readonly now: number }
): void {
  const { peer } = neighbour
  if ('kept' in verdict) {
    noteTheirs(neighbour, verdict.kept)
    return
  }
  const { refused, claim: said } = verdict
  if (NO_ROOM.has(refused)) {
    refuse(standing, 'disk')
    standing.pausedUntil = now + FULL_PAUSE_MS
  }
  if (FALSE.has(refused)) standing.drops.set(peer, refuse(standing, 'false-frames'))
  if (!said) return
  if (refused === 'gap') claim(standing, neighbour, said, now)
  if (refused === 'split' || refused === 'forked') {
    refuse(standing, 'split-log')
    avoid(neighbour, { log: said.log, until: now + SPLIT_MS })
  }
  if (refused !== 'known') return
  noteTheirs(neighbour, said)
  if (isAnswer) return
  // The link closes a circle of the tree: neither side sends whole frames on it any more.
  neighbour.isEager = false
  if ((neighbour.told.get(said.log) ?? 0) < said.size) neighbour.thanks.add(said.log)
}
