import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'
import { ASK_LOGS_MAX, ASKS_MAX, ask, askableAt, lapsed, openAsksOf } from './asking.ts'
import { INBOX_BYTES_MAX } from './hear.ts'
import { isQuiet, type Neighbour } from './neighbour.ts'
import { breakPromise, oursOf, type Send, type Standing } from './standing.ts'

/** A note waits so long for the frame itself, which the tree may bring on another link. */
const GRACE_MS = 80
/** More than this is no news but a past that was missed, and nothing will bring it unasked. */
const NEWS_ENTRIES_MAX = 16

/** Asks for what is missing, each log of one peer. Gives when there will be more to ask. */
export function wantMissing(standing: Standing, now: number, send: Send): number {
  const { asking, neighbours } = standing
  const late = new Set(lapsed(asking, now).map(({ peer }) => peer))
  for (const peer of late) {
    const neighbour = neighbours.get(peer)
    if (neighbour) breakPromise(standing, neighbour, now)
  }
  if (now < standing.pausedUntil) return standing.pausedUntil
  // What is asked for must find room when it comes.
  if (standing.inboxBytes > INBOX_BYTES_MAX / 2) return Number.POSITIVE_INFINITY
  const wants = new Map<Neighbour, LogSize[]>()
  let at = Number.POSITIVE_INFINITY
  for (const [log, since] of asking.missing) {
    const chosen = choose(standing, { log, since, now, wants })
    if (typeof chosen === 'number') at = Math.min(at, chosen)
    else if (chosen) {
      const sizes = wants.get(chosen) ?? []
      wants.set(chosen, [...sizes, { log, size: oursOf(standing, log) }])
    } else asking.missing.delete(log)
  }
  for (const [neighbour, sizes] of wants) {
    const { peer, version = 0 } = neighbour
    if (isQuiet(neighbour, now)) neighbour.isEager = true
    const { id, until } = ask(asking, { peer, sizes, now })
    send(peer, { kind: 'want', version, id, sizes })
    at = Math.min(at, until)
  }
  return at
}

/** Whom to ask for a log; or when to look again; or undefined when nobody has more of it. */
function choose(
  standing: Standing,
  options: {
    readonly log: LogId
    readonly since: number
    readonly now: number
    readonly wants: ReadonlyMap<Neighbour, readonly LogSize[]>
  }
): Neighbour | number | undefined {
  const { log, since, now, wants } = options
  const { asking, neighbours } = standing
  const ours = oursOf(standing, log)
  const having = [...neighbours.values()].filter(
    ({ theirs, version }) => version !== undefined && (theirs.get(log) ?? 0) > ours
  )
  if (having.length === 0) return undefined
  const open = asking.askByLog.get(log)
  if (open) return open.until
  const most = Math.max(...having.map(({ theirs }) => theirs.get(log) ?? 0))
  const from = most - ours <= NEWS_ENTRIES_MAX ? since + GRACE_MS : since
  if (now < from) return from
  const free = having.filter(each => askableAt(asking, each, log) <= now)
  if (free.length === 0) return Math.min(...having.map(each => askableAt(asking, each, log)))
  const ready = free.filter(
    each =>
      openAsksOf(asking, each.peer) < ASKS_MAX && (wants.get(each)?.length ?? 0) < ASK_LOGS_MAX
  )
  // All of them owe an answer, and with any of those this is looked at again.
  if (ready.length === 0) return Number.POSITIVE_INFINITY
  return ready.reduce((best, each) => (isBetter(each, best, log) ? each : best))
}

const isBetter = (a: Neighbour, b: Neighbour, log: LogId): boolean =>
  (a.theirs.get(log) ?? 0) > (b.theirs.get(log) ?? 0)
