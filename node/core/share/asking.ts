import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'
import type { Neighbour } from './neighbour.ts'

/** What is missing here, and who was asked for it. */
export interface Asking {
  /** Logs of which some peer has more, since when that is known. */
  readonly missing: Map<LogId, number>
  readonly asks: Map<number, Ask>
  /** Of each log one peer is asked at a time. */
  readonly askByLog: Map<LogId, Ask>
  ids: number
}

export interface Ask {
  readonly id: number
  readonly peer: string
  /** Infinite once the answer came and waits to be stored. */
  until: number
  readonly logs: readonly LogId[]
}

export const openAsking = (): Asking => ({
  missing: new Map(),
  asks: new Map(),
  askByLog: new Map(),
  ids: 0
})

/** An answer comes within this, or another peer is asked. */
export const ASK_MS = 500
/** So many wants to one peer are open at a time. */
export const ASKS_MAX = 4
/** One want names no more logs than this. */
export const ASK_LOGS_MAX = 256

export function ask(
  asking: Asking,
  { peer, sizes, now }: { readonly peer: string; readonly sizes: readonly LogSize[]; now: number }
): Ask {
  asking.ids++
  const made = { id: asking.ids, peer, until: now + ASK_MS, logs: sizes.map(({ log }) => log) }
  asking.asks.set(made.id, made)
  for (const log of made.logs) asking.askByLog.set(log, made)
  return made
}

/** Undefined when that peer was not asked that. */
export function openAsk(asking: Asking, peer: string, id: number | null): Ask | undefined {
  const open = id === null ? undefined : asking.asks.get(id)
  return open?.peer === peer ? open : undefined
}

/** All asks of one peer, when its link went down. */
export function forget(asking: Asking, peer: string): void {
  for (const open of asking.asks.values()) if (open.peer === peer) close(asking, open)
}

export function forgetAll(asking: Asking): void {
  asking.asks.clear()
  asking.askByLog.clear()
}

/** Asks that nobody answered in time; they are closed. */
export function lapsed(asking: Asking, now: number): readonly Ask[] {
  const late = [...asking.asks.values()].filter(({ until }) => until <= now)
  for (const open of late) close(asking, open)
  return late
}

export function close(asking: Asking, open: Ask): void {
  asking.asks.delete(open.id)
  for (const log of open.logs) {
    if (asking.askByLog.get(log) === open) asking.askByLog.delete(log)
  }
}

/** A peer is not asked for a log for a while. */
export function avoid(
  { avoided }: Neighbour,
  { log, until }: { readonly log: LogId; readonly until: number }
): void {
  avoided.set(log, until)
  for (const oldest of avoided.keys()) {
    if (avoided.size <= AVOIDED_MAX) break
    avoided.delete(oldest)
  }
}

const AVOIDED_MAX = 4_096
