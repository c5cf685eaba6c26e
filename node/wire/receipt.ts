import type { KeyObject } from 'node:crypto'
import type { EntryOf } from '../core/entry.ts'
import type { Id } from '../core/id.ts'
import { isEqual, leafHash } from '../core/proof/merkle.ts'
import type { Money } from '../core/sell/money.ts'
import type { TaxAmount } from '../core/sell/tax.ts'
import type { Stamp } from '../core/time.ts'
import { Malformed } from './canonical.ts'
import {
  CERTIFICATE,
  type DeviceCertificate,
  KINDS,
  verifyDeviceCertificate
} from './certificate.ts'
import { decode, encode, type Value, type Values } from './codec.ts'
import { coseSign1, coseVerify1, KID, parseCose1 } from './cose.ts'
import type { RawEntry } from './entry.ts'
import { sha256 } from './hash.ts'
import { verifyingKey } from './keys.ts'
import { bytesOf, isBytes, record, text, uint } from './shape.ts'
import { isSealedType, SHAPES, shared } from './shapes.ts'

/** Over this many lines a receipt is made in the short form; on 58 mm paper always. */
export const LONG_RECEIPT_LINES_MAX = 8

/** What a customer holds: the sale, and where in which log it stands. */
export type SignedReceipt = LongReceipt | ShortReceipt

interface LongReceipt extends Stamp {
  readonly form: 'long'
  /** The leaf hash of the sale's entry. */
  readonly leaf: Uint8Array
  /** With it anyone can see that the sealed entry says the same. */
  readonly salt: Uint8Array
  readonly sold: EntryOf<'sold'>
}

interface ShortReceipt extends Stamp {
  readonly form: 'short'
  readonly leaf: Uint8Array
  readonly totals: ReceiptTotals
}

interface ReceiptTotals {
  readonly sale: Id
  readonly number: string
  readonly currency: string
  readonly total: Money
  readonly rounding: Money
  readonly taxes: readonly TaxAmount[]
  /** The first sixteen bytes of the SHA-256 of the lines' encoding. */
  readonly lines: Uint8Array
}

/** Signs a receipt with the device key: one form of one sale has the same bytes, however often. */
export function signReceipt(options: {
  readonly sold: EntryOf<'sold'>
  readonly leaf: Uint8Array
  readonly salt: Uint8Array
  readonly form: SignedReceipt['form']
  readonly device: { readonly id: Uint8Array; readonly privateKey: KeyObject }
  /** Carried along, it lets a reader who knows the market key alone check the receipt. */
  readonly certificate?: Uint8Array
}): Uint8Array {
  const { sold, leaf, salt, form, device, certificate } = options
  const place: Values = [shared.logId.encode(sold.log), sold.seq, sold.at, leaf]
  const payload =
    form === 'long'
      ? [KINDS.receipt, ...place, salt, SHAPES.sold.body.encode(sold)]
      : [KINDS.shortReceipt, ...place, totals.encode({ ...sold, lines: linesHash(sold) })]
  const unprotected = new Map<number | string, Value>([[KID, device.id]])
  if (certificate) unprotected.set(CERTIFICATE, certificate)
  return coseSign1({ payload: encode(payload), key: device.privateKey, unprotected })
}

/** Throws `Malformed` for a receipt that this device key did not sign. */
export function verifyReceipt(cose: Uint8Array, deviceKey: KeyObject): SignedReceipt {
  const value = decode(coseVerify1({ cose, key: deviceKey }).payload)
  if (!Array.isArray(value)) throw new Malformed(0, 'not a receipt')
  const [kind, log = null, seq = null, at = null, leaf = null, ...rest] = value
  const place = {
    log: shared.logId.decode(log),
    seq: uint.decode(seq),
    at: uint.decode(at),
    leaf: bytesOf(32).decode(leaf)
  }
  if (kind === KINDS.receipt && rest.length === 2) return longReceipt(place, rest)
  if (kind === KINDS.shortReceipt && rest.length === 1) {
    return { form: 'short', ...place, totals: totals.decode(rest[0] ?? null) }
  }
  throw new Malformed(0, 'not a receipt')
}

/** Checks a receipt that carries its device's certificate, from the market key alone. */
export function verifyCarriedReceipt(
  cose: Uint8Array,
  marketKey: KeyObject
): { readonly receipt: SignedReceipt; readonly device: DeviceCertificate } {
  const certificate = parseCose1(cose).unprotected.get(CERTIFICATE)
  if (!isBytes(certificate)) throw new Malformed(0, 'carries no device certificate')
  const device = verifyDeviceCertificate(certificate, marketKey)
  return { receipt: verifyReceipt(cose, verifyingKey(device.key)), device }
}

/** Whether the ledger's entry is the one that the receipt was made of, and says the same. */
export function isReceiptOf(receipt: SignedReceipt, entry: RawEntry): boolean {
  if (!isEqual(receipt.leaf, leafHash(entry.bytes, sha256))) return false
  if (receipt.form === 'short' || !isSealedType(entry.type)) return true
  const body = encode(SHAPES.sold.body.encode(receipt.sold))
  const [commitment] = entry.body
  return isBytes(commitment) && isEqual(commitment, sha256(Buffer.concat([receipt.salt, body])))
}

/**
 * The address in a receipt's QR code. A fragment never reaches a server, and a decimal number
 * takes 3.3 bits a digit in a QR code; the 0x01 keeps zeros at the start.
 */
export const receiptUrl = (market: string, cose: Uint8Array): string =>
  `https://${market}/r#${BigInt(`0x01${Buffer.from(cose).toString('hex')}`)}`

/** The receipt in such an address; throws `Malformed` when there is none. */
export function receiptFromUrl(url: string): Uint8Array {
  const digits = url.slice(url.indexOf('#') + 1)
  if (!/^[1-9]\d*$/.test(digits)) throw new Malformed(0, 'not the number of a receipt')
  if (digits.length > DIGITS_MAX) throw new Malformed(DIGITS_MAX, 'longer than any QR code')
  const hex = BigInt(digits).toString(16)
  if (hex[0] !== '1' || hex.length % 2 === 0) throw new Malformed(0, 'not the number of a receipt')
  return Buffer.from(hex.slice(1), 'hex')
}

/** A QR code of version 40 holds 7,089 digits (ISO/IEC 18004, table 7). */
const DIGITS_MAX = 7_089

const totals = record<ReceiptTotals>({
  sale: shared.id,
  number: text,
  currency: text,
  total: shared.money,
  rounding: shared.money,
  taxes: shared.taxes,
  lines: bytesOf(16)
})

const linesHash = ({ lines }: EntryOf<'sold'>): Uint8Array =>
  sha256(encode(shared.lines.encode(lines))).subarray(0, 16)

function longReceipt(place: Stamp & { readonly leaf: Uint8Array }, rest: Values): LongReceipt {
  const { log, seq, at, leaf } = place
  const [salt = null, body = null] = rest
  const sold = SHAPES.sold.body.decode(body)
  return {
    form: 'long',
    log,
    seq,
    at,
    leaf,
    salt: bytesOf(16).decode(salt),
    sold: { log, seq, at, type: 'sold', ...sold }
  }
}
