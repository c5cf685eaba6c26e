import type { LogId } from '../id.ts'

/**
 * A limited drop: so many units and not one more, sold by many stalls that may not hear of one
 * another. A unit is sold under a right, rights belong to logs, and a log only gives away or uses
 * what it surely has (a bounded counter: Balegas et al. 2015):
 *
 *     rights(log) = minted + granted to it + returned to it + taken over by it
 *                 - granted by it - returned by it - sold by it - taken over from it
 *
 * Only a log itself lowers its rights, and it knows all of its own entries; a grant that it has not
 * heard of can only make them more. So what it sees is never too much, whatever the network does.
 * The one exception is a log that ended: the mint authority gives its rights to the log that
 * follows it on the same board, for nobody holds the ended log's key any more.
 */
export type DropFact =
  /** Only the mint authority's count. */
  | { readonly type: 'dropMinted'; readonly count: number }
  /** To be used within the lease, which runs from when the other asked. */
  | {
      readonly type: 'rightsGranted'
      readonly to: LogId
      readonly count: number
      readonly leaseMs: number
    }
  | { readonly type: 'dropSold'; readonly count: number }
  /** Given back by a holder that stopped selling. */
  | { readonly type: 'rightsReturned'; readonly to: LogId; readonly count: number }
  /** The authority's word on a log that ended. */
  | {
      readonly type: 'rightsTakenOver'
      readonly from: LogId
      readonly to: LogId
      readonly count: number
    }
  /** A person took rights from a stall that is gone: units that it sold unheard are sold twice. */
  | { readonly type: 'rightsOverridden'; readonly from: LogId; readonly count: number }

/** A drop as far as a stall has heard of it. */
export interface DropState {
  readonly authority: LogId
  readonly minted: number
  readonly sold: number
  /** By how much people may have been wrong so far; shown wherever the count is. */
  readonly overridden: number
  /** Below zero, for a while, where a grant was not heard of yet. */
  readonly rightsByLog: Readonly<Record<string, number>>
}

export type DropRefusal =
  | { readonly refused: 'bad-count' }
  /** Others may have some: they can be asked. */
  | { readonly refused: 'not-enough-rights'; readonly rights: number }
  /** It stopped: the lease ran out, or nobody can tell because the machine restarted. */
  | { readonly refused: 'lease-over' }
  | { readonly refused: 'not-the-authority' }
  /** More was written after the place where the log is said to end, or not all of it is here. */
  | { readonly refused: 'not-the-end' }
  /** A copied card: the log that it follows may be running still. */
  | { readonly refused: 'another-board' }

/** What a holder knows of its lease. */
export interface Lease {
  readonly bootId: string
  /** By the monotonic clock, when it was asked for. */
  readonly askedMonoMs: number
  readonly leaseMs: number
}

export interface BootTime {
  readonly bootId: string
  readonly monoMs: number
}

/** How two logs of one device follow each other, as the later one's opening and its board say. */
export interface Succession {
  readonly ended: LogId
  /** Where it ended. */
  readonly size: number
  readonly next: LogId
  readonly isSameBoard: boolean
}

export const emptyDrop = (authority: LogId): DropState => ({
  authority,
  minted: 0,
  sold: 0,
  overridden: 0,
  rightsByLog: {}
})

export const rightsOf = ({ rightsByLog }: DropState, log: LogId): number => rightsByLog[log] ?? 0

/** What is left to sell anywhere, as far as is known here. */
export const remaining = ({ minted, sold }: DropState): number => minted - sold

/** Clocks may differ by a thousandth, and a restart forgets when a lease began. */
export const isLeaseLive = (lease: Lease, { bootId, monoMs }: BootTime): boolean =>
  lease.bootId === bootId && monoMs - lease.askedMonoMs < lease.leaseMs * 0.999

/** The authority mints; anybody else's word on that counts for nothing. */
export function foldDrop(state: DropState, log: LogId, fact: DropFact): DropState {
  const isAuthority = log === state.authority
  switch (fact.type) {
    case 'dropMinted': {
      if (!isAuthority) return state
      return { ...moved(state, { to: log, count: fact.count }), minted: state.minted + fact.count }
    }
    case 'dropSold':
      return { ...moved(state, { from: log, count: fact.count }), sold: state.sold + fact.count }
    case 'rightsGranted':
    case 'rightsReturned':
      return moved(state, { from: log, to: fact.to, count: fact.count })
    case 'rightsTakenOver':
      return isAuthority ? moved(state, fact) : state
    case 'rightsOverridden': {
      if (!isAuthority) return state
      const overridden = state.overridden + fact.count
      return { ...moved(state, { ...fact, to: log }), overridden }
    }
  }
}

function moved(
  state: DropState,
  { from, to, count }: { readonly from?: LogId; readonly to?: LogId; readonly count: number }
): DropState {
  const rightsByLog = { ...state.rightsByLog }
  if (from !== undefined) rightsByLog[from] = (rightsByLog[from] ?? 0) - count
  if (to !== undefined) rightsByLog[to] = (rightsByLog[to] ?? 0) + count
  return { ...state, rightsByLog }
}

interface Asked {
  readonly log: LogId
  readonly count: number
  /** Null for the authority, which needs none. */
  readonly lease: Lease | null
  readonly now: BootTime
}

export function decideDropSale(state: DropState, asked: Asked): readonly [DropFact] | DropRefusal {
  const refusal = refuseUse(state, asked)
  return refusal ?? [{ type: 'dropSold', count: asked.count }]
}

export function decideGrant(
  state: DropState,
  asked: Asked & { readonly to: LogId; readonly leaseMs: number }
): readonly [DropFact] | DropRefusal {
  const { to, count, leaseMs } = asked
  const refusal = refuseUse(state, asked)
  return refusal ?? [{ type: 'rightsGranted', to, count, leaseMs }]
}

function refuseUse(state: DropState, { log, count, lease, now }: Asked): DropRefusal | undefined {
  if (!(Number.isSafeInteger(count) && count > 0)) return { refused: 'bad-count' }
  const isHolder = log !== state.authority
  if (isHolder && !(lease && isLeaseLive(lease, now))) return { refused: 'lease-over' }
  const rights = rightsOf(state, log)
  return rights < count ? { refused: 'not-enough-rights', rights } : undefined
}

/** Whoever stopped gives back what it has left. The entry is the proof that it stopped. */
export function decideReturn(state: DropState, log: LogId): readonly DropFact[] {
  const count = rightsOf(state, log)
  if (count <= 0 || log === state.authority) return []
  return [{ type: 'rightsReturned', to: state.authority, count }]
}

/** `heldSize` is how much of the log that ended is here. */
export function decideTakeover(
  state: DropState,
  log: LogId,
  { ended, size, next, isSameBoard }: Succession,
  heldSize: number
): readonly DropFact[] | DropRefusal {
  if (log !== state.authority) return { refused: 'not-the-authority' }
  if (!isSameBoard) return { refused: 'another-board' }
  if (heldSize !== size) return { refused: 'not-the-end' }
  const count = rightsOf(state, ended)
  return count > 0 ? [{ type: 'rightsTakenOver', from: ended, to: next, count }] : []
}

/** A person says that a stall is gone for good. It is booked as what it is. */
export function decideOverride(
  state: DropState,
  log: LogId,
  from: LogId
): readonly DropFact[] | DropRefusal {
  if (log !== state.authority) return { refused: 'not-the-authority' }
  const count = rightsOf(state, from)
  return count > 0 ? [{ type: 'rightsOverridden', from, count }] : []
}
