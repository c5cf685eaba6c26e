import type { LogId } from '../core/id.ts'
import { Fault, type Frames } from '../core/ports.ts'
import type { Held } from './held.ts'
import type { OwnFrames } from './ledger.ts'

type Own = Pick<OwnFrames, 'sizes' | 'read' | 'isWhole'>

/** Both halves of a ledger as one: what this stall wrote, and what it holds of its peers. */
export interface Shelf extends Frames {
  readonly isOwn: (log: LogId) => boolean
  readonly held: Held
}

/**
 * A log of this stall's own that lost entries to a damaged card is held like a peer's from then on:
 * what is left of its beginning is copied there, and its peers give the rest. `openHeld` must take
 * the very `isOwn` that it is given.
 */
export async function openShelf(
  own: Own,
  openHeld: (isOwn: (log: LogId) => boolean) => Promise<Held>
): Promise<Shelf> {
  const held = await openHeld(own.isWhole)
  for (const log of own.sizes().keys()) if (!own.isWhole(log)) await copyBeginning(own, held, log)
  return {
    isOwn: own.isWhole,
    held,
    sizes: () => {
      const whole = [...own.sizes()].filter(([log]) => own.isWhole(log))
      return new Map([...held.sizes(), ...whole])
    },
    keep: held.keep,
    read: wanted => (own.isWhole(wanted.log) ? own : held).read(wanted)
  }
}

const COPY_BYTES = 256 << 10

async function copyBeginning(own: Own, held: Held, log: LogId): Promise<void> {
  for (;;) {
    const from = held.sizes().get(log) ?? 0
    if (from >= (own.sizes().get(log) ?? 0)) return
    const frame = await own.read({ log, from, bytesMax: COPY_BYTES })
    if (!frame) return
    try {
      const [verdict] = await held.keep([frame])
      if (!verdict || 'refused' in verdict) return
    } catch (error) {
      // A full disk is shown by the held series, and is no reason for a stall not to start.
      if (error instanceof Fault) return
      throw error
    }
  }
}
