import { signal } from '@preact/signals'
import type { TillPatch, TillView } from '../../node/core/till.ts'
import type { PaperLine } from '../../node/pages/till/paper.ts'
import type { After, Notebook, OpenStream, ParcelStore } from '../../node/pages/till/ports.ts'
import type { Reply, Request } from '../../node/pages/till/request.ts'
import type { TillPorts } from '../../node/pages/till/till.ts'
import { english } from '../../node/pages/till/words.ts'

/** A tablet in memory: what it keeps outlives the page, as a real one's disk does. */
export interface Tablet {
  readonly store: ParcelStore & { isBroken: boolean }
  readonly notebook: Notebook
  readonly rows: Map<string, unknown>
}

export function openTablet(): Tablet {
  const rows = new Map<string, unknown>()
  const notes = new Map<string, string>()
  const store: Tablet['store'] = {
    isBroken: false,
    all: async () => {
      if (store.isBroken) throw new Error('no disk')
      return [...rows.values()]
    },
    put: async parcel => {
      if (store.isBroken) throw new Error('no disk')
      rows.set(parcel.key, structuredClone(parcel))
    },
    remove: async key => {
      rows.delete(key)
    }
  }
  const notebook: Notebook = {
    read: name => notes.get(name) ?? null,
    write: (name, text) => {
      if (text === null) notes.delete(name)
      else notes.set(name, text)
    }
  }
  return { store, notebook, rows }
}

/** Time that passes when a test says so. */
export function openTime() {
  let at = 0
  let timers: { readonly due: number; readonly step: () => void }[] = []
  const after: After = (ms, step) => {
    const timer = { due: at + ms, step }
    timers.push(timer)
    return () => {
      timers = timers.filter(each => each !== timer)
    }
  }
  const pass = async (ms: number) => {
    const until = at + ms
    for (;;) {
      await settled()
      const [next] = timers.toSorted((a, b) => a.due - b.due)
      if (!next || next.due > until) break
      timers = timers.filter(each => each !== next)
      at = next.due
      next.step()
    }
    at = until
    await settled()
  }
  return { now: () => at, after, pass }
}

/** Lets everything that waits for nothing but promises come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** A stall that answers as it is told, and remembers what it was asked. */
export function openStall() {
  const requests: Request[] = []
  const state = { answer: (_: Request): Reply => ({ state: 'done', body: {} }) }
  let push: ((piece: string) => void) | null = null
  let hangUp: (() => void) | null = null
  let streams = 0
  const openStream: OpenStream = async function* ({ signal: aborted }) {
    const queue: string[] = []
    let wake = () => {}
    let isOver = false
    push = piece => {
      queue.push(piece)
      wake()
    }
    hangUp = () => {
      isOver = true
      wake()
    }
    aborted.addEventListener('abort', () => hangUp?.())
    streams += 1
    try {
      while (!isOver) {
        const piece = queue.shift()
        if (piece !== undefined) yield piece
        else
          await new Promise<void>(resolve => {
            wake = resolve
          })
      }
    } finally {
      streams -= 1
    }
  }
  const emit = (event: string, data: unknown) =>
    push?.(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  return {
    state,
    requests,
    emit,
    ask: async (request: Request) => {
      requests.push(request)
      return state.answer(request)
    },
    openStream,
    /** Streams that are open now. */
    streams: () => streams,
    show: (view: TillView) => emit('view', view),
    patch: (patch: TillPatch) => emit('patch', patch),
    print: (lines: readonly PaperLine[]) => emit('paper', { lines }),
    beat: () => push?.(':\n\n'),
    hangUp: () => hangUp?.()
  }
}

/** What this till is called at the stall. */
export const TILL = 'a'.repeat(32)

/** The till's ports on this tablet, at this stall. */
export function portsOf(
  tablet: Tablet,
  stall: ReturnType<typeof openStall>,
  time: ReturnType<typeof openTime>
): TillPorts {
  let minted = 0
  return {
    id: TILL,
    store: tablet.store,
    notebook: tablet.notebook,
    ask: stall.ask,
    openStream: stall.openStream,
    now: time.now,
    after: time.after,
    chance: count => {
      minted += 1
      return new Uint8Array(count).fill(minted)
    },
    words: english,
    tick: signal(0)
  }
}
