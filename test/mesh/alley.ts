import type { LogId } from '../../node/core/id.ts'
import type { Frames } from '../../node/core/ports.ts'
import type { GrownLog } from '../../node/core/share/standing.ts'
import type { StartTimer } from '../../node/core/time.ts'
import { type Mesh, type MeshOptions, openMesh } from '../../node/mesh/mesh.ts'
import { decodeFrame } from '../../node/wire/frame.ts'
import { type Author, author, framesOf, testMarket } from './author.ts'

/** A stall as the mesh sees it, with frames in memory that are taken as they come. */
export interface AlleyStall {
  readonly mesh: Mesh
  /** Writes entries into a log of this stall's own. */
  readonly write: (count: number) => void
  readonly sizes: () => ReadonlyMap<string, number>
}

const market = testMarket('alley')

export async function openAlleyStall(
  options: Pick<MeshOptions, 'openDoor' | 'ways' | 'openLan' | 'now' | 'random'> &
    Partial<MeshOptions> & { readonly stall: string; readonly startTimer: StartTimer }
): Promise<AlleyStall> {
  const { stall } = options
  const own: Author = author({ market, stall })
  const books = memoryBooks()
  const mesh = await openMesh({
    self: { market: market.name, stall },
    run: Math.floor(options.random() * 2 ** 32),
    peers: [],
    remembered: [],
    frames: books.frames,
    isOwn: log => log === own.log,
    session: 1,
    ...options
  })
  return {
    mesh,
    sizes: books.frames.sizes,
    write: count => {
      for (const bytes of framesOf(own, count)) mesh.wrote(books.add(bytes))
    }
  }
}

/** Checks nothing but that frames follow on each other: the ledger has tests of its own. */
function memoryBooks() {
  const held = new Map<LogId, Uint8Array[]>()
  const sizes = new Map<LogId, number>()
  const add = (bytes: Uint8Array): GrownLog => {
    const { log, from, size } = decodeFrame(bytes)
    held.set(log, [...(held.get(log) ?? []), bytes])
    sizes.set(log, size)
    return { log, from, size, bytes }
  }
  const frames: Frames = {
    sizes: () => sizes,
    keep: async given =>
      given.map(bytes => {
        const { log, from, size } = decodeFrame(bytes)
        const here = sizes.get(log) ?? 0
        if (size <= here) return { refused: 'known', reason: 'It is here.' }
        if (from !== here) return { refused: 'gap', reason: 'Something is missing before it.' }
        return { kept: add(bytes) }
      }),
    read: async ({ log, from }) => held.get(log)?.find(bytes => decodeFrame(bytes).from === from)
  }
  return { frames, add }
}
