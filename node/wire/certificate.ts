import type { KeyObject } from 'node:crypto'
import type { EntryOf } from '../core/entry.ts'
import type { LogOpened } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { ROLES, type Role } from '../core/role.ts'
import { Malformed } from './canonical.ts'
import { decode, encode } from './codec.ts'
import { coseSign1, coseVerify1, parseCose1 } from './cose.ts'
import { logIdOf, verifyingKey } from './keys.ts'
import {
  bytesOf,
  isBytes,
  list,
  nullable,
  oneOf,
  plain,
  record,
  type Shape,
  text,
  uint
} from './shape.ts'
import { shared } from './shapes.ts'

/** The first field of all that is signed with COSE, so that one kind never passes for another. */
export const KINDS = {
  device: 1,
  log: 2,
  receipt: 3,
  shortReceipt: 4,
  delegation: 5,
  members: 6,
  ticket: 7,
  request: 8,
  answer: 9
} as const

/** The word on a device key of the market key, or of an admitter that it delegated this to. */
export interface DeviceCertificate {
  /** The market's domain, or `dev.<8 hex>`: with the log's id it makes the origin of its heads. */
  readonly market: string
  readonly stall: string
  readonly key: Uint8Array
  readonly roles: readonly Role[]
}

/** What the market key leaves to a device, for it lies in a drawer itself. */
export const DUTIES = ['admit', 'list', 'mint'] as const
export type Duty = (typeof DUTIES)[number]

/** The market key's word on who may admit devices, sign the list of members, or mint drops. */
export interface Delegation {
  readonly market: string
  readonly key: Uint8Array
  readonly duties: readonly Duty[]
}

/** The device key's word on the key of one boot's log. */
interface LogCertificate extends Pick<LogOpened, 'counter' | 'bootId' | 'previous'> {
  readonly key: Uint8Array
}

/** Who speaks in a log, once the market's word and the device's word on it were checked. */
export interface LogChain {
  readonly market: string
  readonly stall: string
  readonly roles: readonly Role[]
  readonly deviceKey: Uint8Array
  readonly logKey: Uint8Array
  /** Made once, for making it costs as much as a check. */
  readonly verifier: KeyObject
}

/** `delegation` goes along when an admitter signs, and not the market key itself. */
export const signDeviceCertificate = (
  certificate: DeviceCertificate,
  key: KeyObject,
  delegation?: Uint8Array
) => signDelegated({ kind: KINDS.device, shape: device, value: certificate, key, delegation })

export const signDelegation = (value: Delegation, marketKey: KeyObject) =>
  sign({ kind: KINDS.delegation, shape: delegation, value, key: marketKey })

export const signLogCertificate = (certificate: LogCertificate, deviceKey: KeyObject) =>
  sign({ kind: KINDS.log, shape: log, value: certificate, key: deviceKey })

/** Throws `Malformed` unless the market key signed it, or an admitter that it delegated this to. */
export const verifyDeviceCertificate = (cose: Uint8Array, marketKey: KeyObject) =>
  verifyAdmission(cose, marketKey).value

/** The same, and who signed. */
export const verifyAdmission = (cose: Uint8Array, marketKey: KeyObject) =>
  verifyDelegated({ kind: KINDS.device, duty: 'admit', shape: device, cose, key: marketKey })

/** Throws `Malformed` unless the market key signed it. */
export const verifyDelegation = (cose: Uint8Array, marketKey: KeyObject) =>
  verify({ kind: KINDS.delegation, shape: delegation, cose, key: marketKey })

/** Which market a device certificate speaks of. Nothing of it is checked. */
export const claimedMarket = (cose: Uint8Array): string =>
  claimOf({ kind: KINDS.device, shape: device, cose }).market

const verifyLogCertificate = (cose: Uint8Array, deviceKey: KeyObject) =>
  verify({ kind: KINDS.log, shape: log, cose, key: deviceKey })

/** Whether the list of members, or a certificate that came later, names this device so. */
export type IsVouched = (device: Pick<DeviceCertificate, 'market' | 'stall' | 'key'>) => boolean

/**
 * The chain from the market key to a log's key, from the log's first entry alone:
 * market key -> device certificate -> log certificate -> log id.
 * Throws `Malformed` where it breaks.
 */
export function verifyLogOpened(
  opened: EntryOf<'logOpened'>,
  marketKey: KeyObject,
  isVouched: IsVouched = () => false
): LogChain {
  const device = certifiedIn(opened.deviceCertificate, marketKey, isVouched)
  const log = verifyLogCertificate(opened.logCertificate, verifyingKey(device.key))
  const isSame =
    opened.seq === 0 &&
    opened.log === logIdOf(log.key) &&
    opened.stall === device.stall &&
    opened.counter === log.counter &&
    opened.bootId === log.bootId &&
    isSamePrevious(opened.previous, log.previous)
  if (!isSame) throw new Malformed(0, 'the log says something else than its certificates')
  return {
    market: device.market,
    stall: device.stall,
    roles: device.roles,
    deviceKey: device.key,
    logKey: log.key,
    verifier: verifyingKey(log.key)
  }
}

/**
 * A stall that waits to be admitted begins its logs with a certificate of its own making. They
 * count once somebody vouches for it, as the logs of a stall and nothing more.
 */
function certifiedIn(
  cose: Uint8Array,
  marketKey: KeyObject,
  isVouched: IsVouched
): DeviceCertificate {
  try {
    return verifyDeviceCertificate(cose, marketKey)
  } catch (error) {
    const signing = { kind: KINDS.device, shape: device, cose }
    const claim = error instanceof Malformed && claimOf(signing)
    if (!claim || !isVouched(claim)) throw error
    return { ...verify({ ...signing, key: verifyingKey(claim.key) }), roles: ['stall'] }
  }
}

function isSamePrevious(a: LogOpened['previous'], b: LogOpened['previous']): boolean {
  if (!a || !b) return a === b
  return a.log === b.log && a.size === b.size && isEqual(a.root, b.root)
}

/** A market's domain begins the origin of heads, which may hold no space and no plus (C2SP). */
const MARKET = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
export const isMarketName = (value: unknown): value is string =>
  typeof value === 'string' && MARKET.test(value)
export const market = plain("a market's domain", isMarketName)

const delegation: Shape<Delegation> = record<Delegation>({
  market,
  key: bytesOf(32),
  duties: list(oneOf(...DUTIES))
})

const device: Shape<DeviceCertificate> = record<DeviceCertificate>({
  market,
  stall: text,
  key: bytesOf(32),
  roles: list(oneOf(...ROLES))
})

const log: Shape<LogCertificate> = record<LogCertificate>({
  key: bytesOf(32),
  counter: uint,
  bootId: text,
  previous: nullable(shared.previousLog)
})

/** Label of a certificate in the unprotected header: text, for those are private use. */
export const CERTIFICATE = 'cert'

interface Signing<Type> {
  readonly kind: number
  readonly shape: Shape<Type>
  readonly key: KeyObject
}

export const sign = <Type>({ kind, shape, value, key }: Signing<Type> & { readonly value: Type }) =>
  coseSign1({ payload: encode([kind, shape.encode(value)]), key })

/** Signs for the market with a key that the market delegated this to, whose proof goes along. */
export function signDelegated<Type>(
  options: Signing<Type> & { readonly value: Type; readonly delegation: Uint8Array | undefined }
): Uint8Array {
  const { kind, shape, value, key, delegation } = options
  const unprotected = delegation ? { unprotected: new Map([[CERTIFICATE, delegation]]) } : {}
  return coseSign1({ payload: encode([kind, shape.encode(value)]), key, ...unprotected })
}

/** What the market said, itself or through a delegate. */
export interface Delegated<Type> {
  readonly value: Type
  /** The delegate's key; null for the market key itself. */
  readonly signer: Uint8Array | null
}

/** Throws `Malformed` unless the market key signed it, or a key that it delegated `duty` to. */
export function verifyDelegated<Type extends { readonly market: string }>(
  options: Signing<Type> & { readonly cose: Uint8Array; readonly duty: Duty }
): Delegated<Type> {
  const { cose, duty, key } = options
  const carried = parseCose1(cose).unprotected.get(CERTIFICATE)
  if (carried === undefined) return { value: verify(options), signer: null }
  if (!isBytes(carried)) throw new Malformed(0, 'a delegation that is not one')
  const { market, key: signer, duties } = verifyDelegation(carried, key)
  if (!duties.includes(duty)) throw new Malformed(0, `the signer may not ${duty}`)
  const value = verify({ ...options, key: verifyingKey(signer) })
  if (value.market !== market) throw new Malformed(0, 'a delegate of another market')
  return { value, signer }
}

/** Throws `Malformed` unless this key signed it. */
export function verify<Type>(options: Signing<Type> & { readonly cose: Uint8Array }): Type {
  const { kind, shape, cose, key } = options
  return readPayload({ kind, shape, payload: coseVerify1({ cose, key }).payload })
}

/** What a message says of itself, before anything of it can be checked. */
export const claimOf = <Type>({
  cose,
  ...options
}: Pick<Signing<Type>, 'kind' | 'shape'> & { readonly cose: Uint8Array }): Type =>
  readPayload({ ...options, payload: parseCose1(cose).payload })

function readPayload<Type>({
  kind,
  shape,
  payload
}: Pick<Signing<Type>, 'kind' | 'shape'> & { readonly payload: Uint8Array }): Type {
  const value = decode(payload)
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== kind) {
    throw new Malformed(0, 'another kind of certificate')
  }
  return shape.decode(value[1])
}
