import type { LogSize } from '../ports.ts'
import type { FreshFrame } from './fresh.ts'
import { INLINE_BYTES_MAX } from './fresh.ts'
import {
  isQuiet,
  type Neighbour,
  noteTheirs,
  noteTold,
  payFor,
  reached,
  tellAt
} from './neighbour.ts'
import { oursOf, type Send, type Standing } from './standing.ts'

/**
 * Tells a neighbour what is new: at once and whole on a quiet link of the tree, as a note on any
 * other, and on a busy link together with all that came meanwhile. Gives when it has more to say.
 */
export function tell(standing: Standing, neighbour: Neighbour, now: number, send: Send): number {
  const { peer, version, news } = neighbour
  if (version === undefined) return Number.POSITIVE_INFINITY
  thank(standing, neighbour, send)
  for (const log of news) if (reached(neighbour, log) >= oursOf(standing, log)) news.delete(log)
  if (news.size === 0) return Number.POSITIVE_INFINITY
  const at = tellAt(neighbour)
  if (now < at) return at
  const sizes = [...news].map(log => ({ log, size: oursOf(standing, log) }))
  const frames = isQuiet(neighbour, now) && neighbour.isEager && atHand(standing, neighbour, sizes)
  if (frames) {
    const bytes = frames.map(frame => frame.bytes)
    send(peer, { kind: 'data', version, answers: null, frames: bytes })
    for (const row of sizes) {
      noteTheirs(neighbour, row)
      neighbour.pushed.set(row.log, row.size)
    }
  } else send(peer, { kind: 'note', version, sizes })
  for (const row of sizes) noteTold(neighbour, row)
  news.clear()
  payFor(neighbour, now)
  return Number.POSITIVE_INFINITY
}

/** Frames that the neighbour sent for nothing: told at once how far we are, it sends no more. */
function thank(standing: Standing, neighbour: Neighbour, send: Send): void {
  const { peer, version, thanks } = neighbour
  if (thanks.size === 0 || version === undefined) return
  const sizes = [...thanks].map(log => ({ log, size: oursOf(standing, log) }))
  thanks.clear()
  send(peer, { kind: 'note', version, sizes })
  for (const row of sizes) noteTold(neighbour, row)
}

/** Undefined unless every one is at hand, goes on from what the neighbour has, and is small. */
function atHand(
  standing: Standing,
  neighbour: Neighbour,
  sizes: readonly LogSize[]
): readonly FreshFrame[] | undefined {
  const frames: FreshFrame[] = []
  let bytes = 0
  for (const row of sizes) {
    const frame = standing.fresh.at(row)
    if (!frame || frame.from > reached(neighbour, row.log)) return undefined
    bytes += frame.bytes.length
    if (bytes > INLINE_BYTES_MAX) return undefined
    frames.push(frame)
  }
  return frames
}
