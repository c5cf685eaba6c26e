import type { KeyObject } from 'node:crypto'
import type { DeviceKey } from '../core/id.ts'
import type { ContentKeyWrap } from '../core/log.ts'
import { Malformed } from './canonical.ts'
import {
  claimOf,
  type Delegated,
  KINDS,
  market,
  sign,
  signDelegated,
  verify,
  verifyDelegated
} from './certificate.ts'
import { verifyingKey } from './keys.ts'
import { deviceKey, stallId } from './members.ts'
import { bytes, bytesOf, nullable, record, uint } from './shape.ts'
import { shared } from './shapes.ts'

/** What a technician carries to a new stall. Whoever has it may join until it expires. */
export interface Ticket {
  readonly market: string
  readonly marketKey: Uint8Array
  /** The operator's reading key: the stall's books are sealed to its vendor and to this one. */
  readonly operatorKey: Uint8Array
  /** Milliseconds since 1970, by the clock of whoever admits. */
  readonly expiresAt: number
}

/** What a new stall asks for, signed by the device that asks. */
export interface AdmissionRequest {
  readonly market: string
  readonly stall: string
  readonly device: DeviceKey
  /** The vendor's public reading key. */
  readonly vendorKey: Uint8Array
  /** The private one wrapped to the operator, in case that the card is lost. */
  readonly recovery: ContentKeyWrap
  /** Null where a person looks at each request. */
  readonly ticket: Uint8Array | null
}

/** What comes back, signed by whoever admitted. */
export interface AdmissionAnswer {
  readonly market: string
  readonly device: DeviceKey
  readonly certificate: Uint8Array
  /** The newest list of members, if there is one. */
  readonly members: Uint8Array | null
  /** With it this device signs for the market. */
  readonly delegation: Uint8Array | null
  /** The key of a vendor whose board broke, wrapped to the `vendorKey` of the request. */
  readonly vendorKey: ContentKeyWrap | null
}

interface Signer {
  readonly key: KeyObject
  /** Goes along when a delegate signs, and not the market key itself. */
  readonly delegation?: Uint8Array | undefined
}

export const signTicket = (value: Ticket, { key, delegation }: Signer): Uint8Array =>
  signDelegated({ kind: KINDS.ticket, shape: ticket, value, key, delegation })

/** Throws `Malformed` unless the market or an admitter of it gave out this ticket. */
export const verifyTicket = (cose: Uint8Array, marketKey: KeyObject): Delegated<Ticket> =>
  verifyDelegated({ kind: KINDS.ticket, duty: 'admit', shape: ticket, cose, key: marketKey })

/**
 * The ticket as it came from a person's hand, whose market key is believed because of that hand.
 * The signature shows that nothing was lost on the way; throws `Malformed` where it was.
 */
export function trustTicket(cose: Uint8Array): Ticket {
  const { marketKey } = claimOf({ kind: KINDS.ticket, shape: ticket, cose })
  return verifyTicket(cose, verifyingKey(marketKey)).value
}

export const signRequest = (value: AdmissionRequest, key: KeyObject): Uint8Array =>
  sign({ kind: KINDS.request, shape: request, value, key })

/** Throws `Malformed` unless the device signed it that it asks for: so nobody asks for another. */
export function verifyRequest(cose: Uint8Array): AdmissionRequest {
  const { device } = claimOf({ kind: KINDS.request, shape: request, cose })
  const key = verifyingKey(Buffer.from(device, 'hex'))
  return verify({ kind: KINDS.request, shape: request, cose, key })
}

export const signAnswer = (value: AdmissionAnswer, { key, delegation }: Signer): Uint8Array =>
  signDelegated({ kind: KINDS.answer, shape: answer, value, key, delegation })

/** Throws `Malformed` unless the market or an admitter of it answered. */
export const verifyAnswer = (cose: Uint8Array, marketKey: KeyObject): Delegated<AdmissionAnswer> =>
  verifyDelegated({ kind: KINDS.answer, duty: 'admit', shape: answer, cose, key: marketKey })

/** A ticket as text that survives mail, a QR code, and an editor that breaks lines. */
export const ticketText = (cose: Uint8Array): string =>
  `${PREFIX}${Buffer.from(cose).toString('base64url')}`

/** Throws `Malformed` for what is no ticket. */
export function ticketOfText(text: string): Uint8Array {
  const tight = text.replaceAll(/\s/g, '')
  const digits = tight.slice(PREFIX.length)
  const cose = Buffer.from(digits, 'base64url')
  const isWhole = tight.startsWith(PREFIX) && cose.toString('base64url') === digits
  if (!isWhole || tight.length > TICKET_CHARS_MAX) throw new Malformed(0, 'not a ticket')
  return cose
}

const PREFIX = 'stall-ticket-1.'
const TICKET_CHARS_MAX = 2_000

const ticket = record<Ticket>({
  market,
  marketKey: bytesOf(32),
  operatorKey: bytesOf(32),
  expiresAt: uint
})

const request = record<AdmissionRequest>({
  market,
  stall: stallId,
  device: deviceKey,
  vendorKey: bytesOf(32),
  recovery: shared.wrap,
  ticket: nullable(bytes)
})

const answer = record<AdmissionAnswer>({
  market,
  device: deviceKey,
  certificate: bytes,
  members: nullable(bytes),
  delegation: nullable(bytes),
  vendorKey: nullable(shared.wrap)
})
