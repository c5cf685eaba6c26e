import type { Frames, Link } from '../../node/core/ports.ts'
import { type LinkEnd, type MeshSync, openMeshSync } from '../../node/mesh/sync.ts'

/** What passed over a pipe, for who counts. */
export interface Passed {
  messages: number
  bytes: number
  readonly kinds: Record<string, number>
}

export interface Pipe {
  readonly passed: Passed
  readonly cut: () => void
}

/** Sync on this machine's own clock. */
export const syncOf = (frames: Frames, session = 0): MeshSync =>
  openMeshSync({
    frames,
    isOwn: () => false,
    now: () => performance.now(),
    startTimer: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    session
  })

/** Links two syncs in this process; what one sends the other hears a moment later. */
export function join(
  a: MeshSync,
  b: MeshSync,
  names: readonly [string, string] = ['a', 'b']
): Pipe {
  const passed: Passed = { messages: 0, bytes: 0, kinds: {} }
  const ends: (LinkEnd | undefined)[] = []
  let isUp = true
  const cut = () => {
    if (!isUp) return
    isUp = false
    for (const end of ends) end?.down()
  }
  const link = (peer: string, to: 0 | 1): Link => ({
    peer,
    send: (kind, bytes) => {
      if (!isUp) return false
      passed.messages++
      passed.bytes += bytes.length
      passed.kinds[kind] = (passed.kinds[kind] ?? 0) + bytes.length
      setImmediate(() => isUp && ends[to]?.receive(kind, bytes))
      return true
    },
    close: cut
  })
  ends[0] = a.link(link(names[1], 1))
  ends[1] = b.link(link(names[0], 0))
  return { passed, cut }
}
