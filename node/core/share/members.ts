import type { DeviceKey, LogId } from '../id.ts'
import type { Role } from '../role.ts'

/** Who belongs to a market, as its key or its delegate signed it. */
export interface Members {
  readonly market: string
  /** Counts the lists of a market. The higher one is believed: a stall may not know the time. */
  readonly epoch: number
  readonly members: readonly Member[]
  readonly revoked: readonly Revoked[]
}

export interface Member {
  readonly device: DeviceKey
  readonly stall: string
  readonly roles: readonly Role[]
}

/** A device that is out, for ever. What it said before counts, up to where the list says. */
export interface Revoked {
  readonly device: DeviceKey
  readonly stall: string
  readonly why: RevokedWhy
  /** How much of each of its logs counts. A log that is not named does not count at all. */
  readonly logs: readonly AcceptedLog[]
}

export const REVOKED_WHY = ['lost', 'replaced', 'left', 'false'] as const
export type RevokedWhy = (typeof REVOKED_WHY)[number]

export interface AcceptedLog {
  readonly log: LogId
  readonly size: number
}

export const noMembers = (market: string): Members => ({
  market,
  epoch: 0,
  members: [],
  revoked: []
})

/** A device whose certificate is true, and what the certificate says of it. */
export interface Certified {
  readonly device: DeviceKey
  readonly stall: string
  /** Whose word that is; null for the market key itself. */
  readonly admitter: DeviceKey | null
}

export type CertifiedRefusal = 'revoked' | 'renamed' | 'admitter-revoked'

/**
 * What the list says of a certified device; undefined for nothing against it. A device that is not
 * in the list is newer than the list, and welcome: how else would news of it ever arrive?
 */
export function refusalOf(
  { members, revoked }: Members,
  { device, stall, admitter }: Certified
): CertifiedRefusal | undefined {
  if (revoked.some(row => row.device === device)) return 'revoked'
  const row = members.find(member => member.device === device)
  if (!row) {
    return revoked.some(({ device }) => device === admitter) ? 'admitter-revoked' : undefined
  }
  // Its old name is good until it has the new certificate, unless somebody else has that name now.
  const isTaken = members.some(member => member !== row && member.stall === stall)
  return row.stall !== stall && isTaken ? 'renamed' : undefined
}
