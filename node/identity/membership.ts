import type { DeviceKey, LogId } from '../core/id.ts'
import {
  acceptedSize,
  type ListRefusal,
  listRefusal,
  type Members,
  noMembers,
  type SignedMembers
} from '../core/share/members.ts'
import { unlessMalformed } from '../wire/canonical.ts'
import type { IsVouched } from '../wire/certificate.ts'
import { deviceKeyOf, verifyingKey } from '../wire/keys.ts'
import { verifyMembers } from '../wire/members.ts'
import { FILES, readKeyFile, writeKeyFile } from './folder.ts'

/** Who is in the market and who is out, as far as word of it came here. */
export interface Membership {
  readonly members: () => Members
  /** The newest list as it was signed, to be passed on; undefined before the first. */
  readonly signed: () => Uint8Array | undefined
  /**
   * Takes a list that arrived if it is true and newer, and keeps it through a power cut; gives
   * why not otherwise. Rejects with a `Fault` when the disk takes no writes.
   */
  readonly offer: (list: Uint8Array) => Promise<'taken' | ListRefusal | 'forged'>
  /** For `verifyLogOpened`: logs that a member began while it waited count. */
  readonly isVouched: IsVouched
  /** How much of a log counts: all of a member's, less once its device is out. */
  readonly acceptedSize: (log: { readonly device: DeviceKey; readonly log: LogId }) => number
}

/**
 * A list that a bad card changed is as if it had never come: peers say it again, and nothing of it
 * is worth that a stall would not start. Rejects with a `Fault` when the folder cannot be read.
 */
export async function openMembership(options: {
  readonly dir: string
  readonly market: string
  readonly marketKey: Uint8Array
}): Promise<Membership> {
  const { dir, market } = options
  const marketKey = verifyingKey(options.marketKey)
  const nobody: SignedMembers = { members: noMembers(market), signer: null }
  const stored = await readKeyFile(dir, FILES.members)
  const read = stored && unlessMalformed(() => verifyMembers(stored, marketKey))
  let known = read?.members.market === market ? read : nobody
  let signed = known === nobody ? undefined : stored
  let last: Promise<unknown> = Promise.resolve()
  const take = async (list: Uint8Array): Promise<'taken' | ListRefusal | 'forged'> => {
    const offered = unlessMalformed(() => verifyMembers(list, marketKey))
    if (!offered) return 'forged'
    const refused = listRefusal(known, offered)
    if (refused) return refused
    await writeKeyFile(dir, FILES.members, list)
    known = offered
    signed = list
    return 'taken'
  }
  return {
    members: () => known.members,
    signed: () => signed,
    // One after the other: of two that arrive at once, the older must not be written last.
    offer: list => {
      const taken = last.then(() => take(list))
      last = taken.catch(() => {})
      return taken
    },
    isVouched: ({ market, stall, key }) => {
      const device = deviceKeyOf(key)
      const { members } = known
      const isNamed = members.members.some(row => row.device === device && row.stall === stall)
      return market === members.market && isNamed
    },
    acceptedSize: log => acceptedSize(known.members, log)
  }
}
