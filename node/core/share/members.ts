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

/** A wish of whoever keeps the list. */
export type MembersCommand =
  | { readonly type: 'admitDevice'; readonly member: Member }
  | {
      readonly type: 'revokeDevice'
      readonly device: DeviceKey
      readonly why: RevokedWhy
      readonly logs: readonly AcceptedLog[]
    }
  | { readonly type: 'renameStall'; readonly stall: string; readonly to: string }
  /** A new board takes the place of one that broke. */
  | {
      readonly type: 'replaceDevice'
      readonly stall: string
      readonly device: DeviceKey
      /** Of the old board. */
      readonly logs: readonly AcceptedLog[]
    }

/** What changed in the list. */
export type MembersFact =
  | { readonly type: 'deviceAdmitted'; readonly member: Member }
  | { readonly type: 'deviceRevoked'; readonly revoked: Revoked }
  | { readonly type: 'stallRenamed'; readonly device: DeviceKey; readonly stall: string }

export type MembersRefusal =
  | { readonly refused: 'name-taken'; readonly stall: string }
  | { readonly refused: 'already-member'; readonly stall: string }
  | { readonly refused: 'revoked'; readonly stall: string }
  | { readonly refused: 'unknown-stall' }
  | { readonly refused: 'too-many-members'; readonly max: number }
  | { readonly refused: 'too-many-revoked'; readonly max: number }
  | { readonly refused: 'too-many-logs'; readonly max: number }

/** Together they keep a list within one entry of the ledger, 65,535 bytes. */
export const MEMBERS_MAX = 384
export const REVOKED_MAX = 192
/** Of all devices that are out. */
export const REVOKED_LOGS_MAX = 960

export function decideMembers(
  list: Members,
  command: MembersCommand
): readonly MembersFact[] | MembersRefusal {
  switch (command.type) {
    case 'admitDevice':
      return admit(list, command.member)
    case 'revokeDevice':
      return revoke(list, command)
    case 'renameStall':
      return rename(list, command)
    case 'replaceDevice':
      return replace(list, command)
  }
}

export function foldMembers(list: Members, fact: MembersFact): Members {
  switch (fact.type) {
    case 'deviceAdmitted':
      return { ...list, members: [...list.members, fact.member] }
    case 'deviceRevoked': {
      const { revoked } = fact
      const members = list.members.filter(({ device }) => device !== revoked.device)
      return { ...list, members, revoked: [...list.revoked, revoked] }
    }
    case 'stallRenamed': {
      const { device, stall } = fact
      const members = list.members.map(row => (row.device === device ? { ...row, stall } : row))
      return { ...list, members }
    }
  }
}

/** The list after a command, one epoch on: what is signed next. */
export function nextMembers(list: Members, command: MembersCommand): Members | MembersRefusal {
  const decided = decideMembers(list, command)
  if ('refused' in decided) return decided
  return { ...decided.reduce(foldMembers, list), epoch: list.epoch + 1 }
}

function admit(list: Members, member: Member): readonly MembersFact[] | MembersRefusal {
  const { members, revoked } = list
  const { device, stall } = member
  if (revoked.some(row => row.device === device)) return { refused: 'revoked', stall }
  const known = members.find(row => row.device === device)
  if (known) return { refused: 'already-member', stall: known.stall }
  if (members.some(row => row.stall === stall)) return { refused: 'name-taken', stall }
  if (members.length >= MEMBERS_MAX) return { refused: 'too-many-members', max: MEMBERS_MAX }
  return [{ type: 'deviceAdmitted', member }]
}

/** A device that no list names yet can be shut out too: an admitter may have let it in. */
function revoke(
  { members, revoked }: Members,
  { device, why, logs }: { readonly device: DeviceKey } & Pick<Revoked, 'why' | 'logs'>
): readonly MembersFact[] | MembersRefusal {
  const before = revoked.find(row => row.device === device)
  if (before) return { refused: 'revoked', stall: before.stall }
  if (revoked.length >= REVOKED_MAX) return { refused: 'too-many-revoked', max: REVOKED_MAX }
  const count = revoked.reduce((all, row) => all + row.logs.length, logs.length)
  if (count > REVOKED_LOGS_MAX) return { refused: 'too-many-logs', max: REVOKED_LOGS_MAX }
  const { stall = '' } = members.find(row => row.device === device) ?? {}
  return [{ type: 'deviceRevoked', revoked: { device, stall, why, logs } }]
}

function rename(
  { members }: Members,
  { stall, to }: { readonly stall: string; readonly to: string }
): readonly MembersFact[] | MembersRefusal {
  const member = members.find(row => row.stall === stall)
  if (!member) return { refused: 'unknown-stall' }
  if (members.some(row => row.stall === to)) return { refused: 'name-taken', stall: to }
  return [{ type: 'stallRenamed', device: member.device, stall: to }]
}

function replace(
  list: Members,
  {
    stall,
    device,
    logs
  }: {
    readonly stall: string
    readonly device: DeviceKey
    readonly logs: readonly AcceptedLog[]
  }
): readonly MembersFact[] | MembersRefusal {
  const broken = list.members.find(row => row.stall === stall)
  if (!broken) return { refused: 'unknown-stall' }
  const out = revoke(list, { device: broken.device, why: 'replaced', logs })
  if ('refused' in out) return out
  const [fact] = out
  if (!fact) return out
  const admitted = admit(foldMembers(list, fact), { device, stall, roles: broken.roles })
  return 'refused' in admitted ? admitted : [...out, ...admitted]
}

/** A list with whose signature is on it: a delegate's, or with null the market key's own. */
export interface SignedMembers {
  readonly members: Members
  readonly signer: DeviceKey | null
}

export type ListRefusal =
  | 'other-market'
  | 'known'
  | 'older-epoch'
  | 'signer-revoked'
  | 'forgets-revocation'

/**
 * Whether a list that arrived takes the place of the one that is known; undefined when it does.
 * Only the market key itself may let somebody in again, and of two lists with one epoch its own
 * counts: a delegate that was out of reach when it spoke did not know.
 */
export function listRefusal(known: SignedMembers, offered: SignedMembers): ListRefusal | undefined {
  const [before, after] = [known.members, offered.members]
  if (before.market !== after.market) return 'other-market'
  if (after.epoch < before.epoch) return 'older-epoch'
  const isOwnWord = offered.signer === null
  if (after.epoch === before.epoch && !(isOwnWord && known.signer !== null)) return 'known'
  if (isOwnWord) return undefined
  if (before.revoked.some(({ device }) => device === offered.signer)) return 'signer-revoked'
  const isKept = ({ device }: Revoked) => after.revoked.some(row => row.device === device)
  return before.revoked.every(isKept) ? undefined : 'forgets-revocation'
}

/** How much of a device's log counts: all of a member's, of others what the list says. */
export function acceptedSize(
  { revoked }: Members,
  { device, log }: { readonly device: DeviceKey; readonly log: LogId }
): number {
  const row = revoked.find(out => out.device === device)
  if (!row) return Number.POSITIVE_INFINITY
  return row.logs.find(each => each.log === log)?.size ?? 0
}
