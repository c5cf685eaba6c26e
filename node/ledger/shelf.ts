import type { LogId } from '../core/id.ts'
import type { Frames } from '../core/ports.ts'
import { logOfFrame } from '../wire/frame.ts'
import type { Held } from './held.ts'
import type { OwnFrames } from './ledger.ts'

/**
 * Both halves of a ledger as one: what this stall wrote, and what it holds of its peers. A log of
 * its own that is over is open to its peers: they may have more of it, for a card may be damaged,
 * put back from a backup, or a copy of one that went on. Its beginning is then copied to the held
 * series, and the rest of it kept there. `held` must take the `isWriting` of `own` as its `isOwn`.
 */
export function shelfOf(own: Pick<OwnFrames, 'sizes' | 'read' | 'isWriting'>, held: Held): Frames {
  return {
    sizes: () => longest(own.sizes(), held.sizes()),
    keep: async frames => {
      const sizes = own.sizes()
      for (const log of new Set(frames.map(logOfFrame))) {
        if (log && sizes.has(log) && !own.isWriting(log)) await copyBeginning(own, held, log)
      }
      return held.keep(frames)
    },
    read: async wanted => {
      const isOwn = (own.sizes().get(wanted.log) ?? 0) > wanted.from
      return (isOwn ? await own.read(wanted) : undefined) ?? held.read(wanted)
    }
  }
}

function longest(
  a: ReadonlyMap<LogId, number>,
  b: ReadonlyMap<LogId, number>
): ReadonlyMap<LogId, number> {
  const all = new Map(a)
  for (const [log, size] of b) all.set(log, Math.max(size, all.get(log) ?? 0))
  return all
}

const COPY_BYTES = 256 << 10

async function copyBeginning(
  own: Pick<OwnFrames, 'sizes' | 'read'>,
  held: Held,
  log: LogId
): Promise<void> {
  for (;;) {
    const from = held.sizes().get(log) ?? 0
    if (from >= (own.sizes().get(log) ?? 0)) return
    const frame = await own.read({ log, from, bytesMax: COPY_BYTES })
    const [verdict] = frame ? await held.keep([frame]) : []
    if (!verdict || 'refused' in verdict) return
  }
}
