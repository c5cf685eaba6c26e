import type { KeyObject } from 'node:crypto'
import type { EntryOf } from '../core/entry.ts'
import type { LogOpened } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { ROLES, type Role } from '../core/role.ts'
import { Malformed } from './canonical.ts'
import { decode, encode } from './codec.ts'
import { coseSign1, coseVerify1 } from './cose.ts'
import { logIdOf, verifyingKey } from './keys.ts'
import { bytesOf, list, nullable, oneOf, plain, record, type Shape, text, uint } from './shape.ts'
import { shared } from './shapes.ts'

/** The first field of all that is signed with COSE, so that one kind never passes for another. */
export const KINDS = { device: 1, log: 2, receipt: 3, shortReceipt: 4 } as const

/** The market key's word on a device key. */
export interface DeviceCertificate {
  /** The market's domain, or `dev.<8 hex>`: with the log's id it makes the origin of its heads. */
  readonly market: string
  readonly stall: string
  readonly key: Uint8Array
  readonly roles: readonly Role[]
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

export const signDeviceCertificate = (certificate: DeviceCertificate, marketKey: KeyObject) =>
  sign({ kind: KINDS.device, shape: device, value: certificate, key: marketKey })

export const signLogCertificate = (certificate: LogCertificate, deviceKey: KeyObject) =>
  sign({ kind: KINDS.log, shape: log, value: certificate, key: deviceKey })

/** Throws `Malformed` when the market key did not sign it. */
export const verifyDeviceCertificate = (cose: Uint8Array, marketKey: KeyObject) =>
  verify({ kind: KINDS.device, shape: device, cose, key: marketKey })

const verifyLogCertificate = (cose: Uint8Array, deviceKey: KeyObject) =>
  verify({ kind: KINDS.log, shape: log, cose, key: deviceKey })

/**
 * The chain from the market key to a log's key, from the log's first entry alone:
 * market key -> device certificate -> log certificate -> log id.
 * Throws `Malformed` where it breaks.
 */
export function verifyLogOpened(opened: EntryOf<'logOpened'>, marketKey: KeyObject): LogChain {
  const device = verifyDeviceCertificate(opened.deviceCertificate, marketKey)
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

function isSamePrevious(a: LogOpened['previous'], b: LogOpened['previous']): boolean {
  if (!a || !b) return a === b
  return a.log === b.log && a.size === b.size && isEqual(a.root, b.root)
}

/** A market's domain begins the origin of heads, which may hold no space and no plus (C2SP). */
const MARKET = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
const market = plain(
  "a market's domain",
  (value): value is string => typeof value === 'string' && MARKET.test(value)
)

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

interface Signing<Type> {
  readonly kind: number
  readonly shape: Shape<Type>
  readonly key: KeyObject
}

const sign = <Type>({ kind, shape, value, key }: Signing<Type> & { readonly value: Type }) =>
  coseSign1({ payload: encode([kind, shape.encode(value)]), key })

function verify<Type>(options: Signing<Type> & { readonly cose: Uint8Array }): Type {
  const { kind, shape, cose, key } = options
  const value = decode(coseVerify1({ cose, key }).payload)
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== kind) {
    throw new Malformed(0, 'another kind of certificate')
  }
  return shape.decode(value[1])
}
