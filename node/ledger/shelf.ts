import type { Frames } from '../core/ports.ts'
import type { Held } from './held.ts'
import type { OwnFrames } from './ledger.ts'

/** Both halves of a ledger as one: what this stall wrote, and what it holds of its peers. */
export function shelfOf(own: Pick<OwnFrames, 'sizes' | 'read'>, held: Held): Frames {
  return {
    sizes: () => new Map([...held.sizes(), ...own.sizes()]),
    keep: held.keep,
    read: async wanted => (await own.read(wanted)) ?? held.read(wanted)
  }
}
