import type { KeyObject } from 'node:crypto'
import { isDeviceKey } from '../core/id.ts'
import { ROLES } from '../core/role.ts'
import {
  type AcceptedLog,
  type Member,
  type Members,
  REVOKED_WHY,
  type Revoked,
  type SignedMembers
} from '../core/share/members.ts'
import { Malformed } from './canonical.ts'
import { KINDS, market, signDelegated, verifyDelegated } from './certificate.ts'
import { deviceKeyOf } from './keys.ts'
import { hex, list, oneOf, plain, record, uint } from './shape.ts'
import { shared } from './shapes.ts'

/** One entry of the ledger holds it. */
const LIST_BYTES_MAX = 65_000

/** Signs with the market key, or with a delegate's and the `delegation` that lets it. */
export const signMembers = (
  value: Members,
  { key, delegation }: { readonly key: KeyObject; readonly delegation?: Uint8Array | undefined }
): Uint8Array => signDelegated({ kind: KINDS.members, shape: members, value, key, delegation })

/** Throws `Malformed` unless the market key signed it, or one that it lets sign lists. */
export function verifyMembers(cose: Uint8Array, marketKey: KeyObject): SignedMembers {
  if (cose.length > LIST_BYTES_MAX) throw new Malformed(LIST_BYTES_MAX, 'a list too long')
  const signed = {
    kind: KINDS.members,
    duty: 'list',
    shape: members,
    cose,
    key: marketKey
  } as const
  const { value, signer } = verifyDelegated(signed)
  return { members: value, signer: signer && deviceKeyOf(signer) }
}

/** A stall's id is a level of topics and part of receipt numbers. */
export const STALL_ID = /^[a-z0-9][a-z0-9-]{0,31}$/

export const stallId = plain(
  "a stall's id",
  (value): value is string => typeof value === 'string' && STALL_ID.test(value)
)

const stallName = plain(
  "a stall's id, or none",
  (value): value is string => value === '' || (typeof value === 'string' && STALL_ID.test(value))
)

export const deviceKey = hex(32, isDeviceKey)

const accepted = record<AcceptedLog>({ log: shared.logId, size: uint })

const members = record<Members>({
  market,
  epoch: uint,
  members: list(
    record<Member>({ device: deviceKey, stall: stallId, roles: list(oneOf(...ROLES)) })
  ),
  revoked: list(
    record<Revoked>({
      device: deviceKey,
      // Empty for a device that was shut out before any list named it.
      stall: stallName,
      why: oneOf(...REVOKED_WHY),
      logs: list(accepted)
    })
  )
})
