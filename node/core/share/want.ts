import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'
import { ASK_LOGS_MAX, ASKS_MAX, type Asking, ask, avoid, lapsed } from './asking.ts'
import { INBOX_BYTES_MAX } from './hear.ts'
import { isQuiet, type Neighbour } from './neighbour.ts'
import { breakPromise, oursOf, type Send, type Standing } from './standing.ts'

/** A note waits so long for the frame itself, which the tree may bring on another link. */
const GRACE_MS = 80
/** More than this is no news but a past that was missed, and nothing will bring it unasked. */
const NEWS_ENTRIES_MAX = 16

/** Asks for what is missing, each log of one peer. Gives when there will be more to ask. */
export function wantMissing(standing: Standing, now: number, send: Send): number {
  const { asking } = standing
  giveUp(standing, now)
  if (now < standing.pausedUntil) return standing.pausedUntil
  // What is asked for must find room when it comes.
  if (standing.inboxBytes > INBOX_BYTES_MAX / 2) return Number.POSITIVE_INFINITY
  const askables = askablesOf(standing)
  let at = Number.POSITIVE_INFINITY
  for (const [log, since] of asking.missing) {
    const chosen = choose(standing, askables, { log, since, now })
    if (chosen === undefined) asking.missing.delete(log)
    else if (typeof chosen === 'number') at = Math.min(at, chosen)
    else chosen.sizes.push({ log, size: oursOf(standing, log) })
  }
  for (const { neighbour, sizes } of askables) {
    const { peer, version } = neighbour
    if (sizes.length === 0 || version === undefined) continue
    if (isQuiet(neighbour, now)) neighbour.isEager = true
    const { id, until } = ask(asking, { peer, sizes, now })
    send(peer, { kind: 'want', version, id, sizes })
    at = Math.min(at, until)
  }
  return at
}

/** Closes what nobody answered in time. */
function giveUp({ asking, neighbours, ...standing }: Standing, now: number): void {
  const late = new Set<Neighbour>()
  for (const { peer, logs } of lapsed(asking, now)) {
    const neighbour = neighbours.get(peer)
    if (!neighbour) continue
    late.add(neighbour)
    for (const log of logs) avoid(neighbour, { log, until: now + AVOID_MS })
  }
  for (const neighbour of late) breakPromise(standing, neighbour, now)
}

/** Who did not give a log in time is passed over so long, if anybody else has it. */
const AVOID_MS = 1_000

interface Askable {
  readonly neighbour: Neighbour
  /** Whether it may be asked now. */
  readonly isFree: boolean
  /** What it is about to be asked for. */
  readonly sizes: LogSize[]
}

function askablesOf({ neighbours, asking }: Standing): readonly Askable[] {
  return [...neighbours.values()].flatMap(neighbour =>
    neighbour.version === undefined
      ? []
      : [{ neighbour, isFree: openAsksOf(asking, neighbour) < ASKS_MAX, sizes: [] }]
  )
}

const openAsksOf = ({ asks }: Asking, { peer }: Neighbour): number => {
  let count = 0
  for (const open of asks.values()) if (open.peer === peer) count++
  return count
}

/** Whom to ask for a log; or when to look again; or undefined when nobody has more of it. */
function choose(
  standing: Standing,
  askables: readonly Askable[],
  { log, since, now }: { readonly log: LogId; readonly since: number; readonly now: number }
): Askable | number | undefined {
  const ours = oursOf(standing, log)
  const open = standing.asking.askByLog.get(log)
  let best: Askable | undefined
  let most = ours
  let at: number | undefined
  for (const askable of askables) {
    const { neighbour, isFree, sizes } = askable
    const size = neighbour.theirs.get(log) ?? 0
    if (size <= ours) continue
    const askAt = Math.max(neighbour.shunnedUntil, neighbour.avoided.get(log) ?? 0)
    if (askAt > now) at = Math.min(at ?? askAt, askAt)
    // It owes answers, and with any of those this is looked at again.
    else if (!isFree || sizes.length >= ASK_LOGS_MAX) at ??= Number.POSITIVE_INFINITY
    else if (size > most) [best, most] = [askable, size]
  }
  if (!best) return at
  if (open) return open.until
  const from = most - ours <= NEWS_ENTRIES_MAX ? since + GRACE_MS : since
  return now < from ? from : best
}
