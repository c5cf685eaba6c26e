import { hashes, verify } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { currencyOf, isMoney, type Money } from '../../core/sell/money.ts'
import { decode, hexOf, joined, unhex, type Value, type ValueMap, type Values } from './cbor.ts'

/** What this page can say about a receipt. */
export type Verdict =
  /** Signed by a device that this market admitted. */
  | { readonly verdict: 'genuine'; readonly receipt: Receipt; readonly signer: Signer }
  /** Signed by somebody, but nothing here tells whether this market knows them. */
  | {
      readonly verdict: 'unknown-signer'
      readonly receipt: Receipt
      readonly signer: Signer | null
    }
  | { readonly verdict: 'changed' }
  | { readonly verdict: 'unreadable' }

/** The device's certificate: whose word it is. */
export interface Signer {
  readonly market: string
  readonly stall: string
}

export interface Receipt {
  readonly number: string
  readonly at: number
  readonly currency: string
  /** Null in the short form: the paper has them, and the code only their fingerprint. */
  readonly lines: readonly ReceiptLine[] | null
  readonly discount: Money
  readonly taxes: readonly ReceiptTax[]
  readonly total: Money
  readonly rounding: Money
  readonly tenders: readonly { readonly method: string; readonly amount: Money }[]
  readonly change: Money
}

export interface ReceiptLine {
  readonly name: string
  readonly quantity: number
  readonly amount: Money
}

export interface ReceiptTax {
  readonly taxClass: string
  readonly ratePpm: number
  readonly tax: Money
}

/** COSE (RFC 9052, RFC 9864) and the first field of what we sign (`node/wire/WIRE.md`). */
const ALGORITHM = 1
const CRITICAL = 2
const ED25519 = -19
const CERTIFICATE = 'cert'
const TAG = 0xd2
const KINDS = { device: 1, receipt: 3, shortReceipt: 4, delegation: 5 }

/** A QR code of version 40 holds 7,089 digits (ISO/IEC 18004, table 7). */
const DIGITS_MAX = 7_089

hashes.sha512 = sha512

/** `digits` is the address's fragment; `marketKey` the market's public key, null where unknown. */
export function checkReceipt(digits: string, marketKey: Uint8Array | null): Verdict {
  try {
    return check(bytesOfDigits(digits), marketKey)
  } catch {
    return { verdict: 'unreadable' }
  }
}

/** A decimal number that begins with the byte 1, which keeps zeros at the start. */
export function bytesOfDigits(digits: string): Uint8Array {
  if (!/^[1-9]\d*$/.test(digits) || digits.length > DIGITS_MAX) throw new Error('Not a number')
  const hex = BigInt(digits).toString(16)
  if (hex[0] !== '1' || hex.length % 2 === 0) throw new Error('Not the number of a receipt')
  return unhex(hex.slice(1))
}

/** Eight bytes of the key's SHA-256: short enough to compare with a poster. */
export const fingerprint = (key: Uint8Array): string =>
  (hexOf(sha256(key).subarray(0, 8)).match(/.{4}/g) ?? []).join(' ')

function check(cose: Uint8Array, marketKey: Uint8Array | null): Verdict {
  const message = parse(cose)
  const receipt = readReceipt(message.payload)
  const carried = message.unprotected.get(CERTIFICATE)
  // Without the device's key nothing can be checked, and nothing is claimed.
  if (!(carried instanceof Uint8Array)) return { verdict: 'unknown-signer', receipt, signer: null }
  const certificate = parse(carried)
  const { key, signer } = readCertificate(certificate.payload)
  if (!isSigned(message, key)) return { verdict: 'changed' }
  const isGenuine = marketKey !== null && isAdmitted(certificate, signer, marketKey)
  return { verdict: isGenuine ? 'genuine' : 'unknown-signer', receipt, signer }
}

/** By the market key itself, or by an admitter whose delegation goes along (WIRE.md 8.2). */
function isAdmitted(certificate: Message, { market }: Signer, marketKey: Uint8Array): boolean {
  const carried = certificate.unprotected.get(CERTIFICATE)
  if (carried === undefined) return isSigned(certificate, marketKey)
  const delegation = parse(bytes(carried))
  if (!isSigned(delegation, marketKey)) return false
  const [kind = null, body = null] = fields(decode(delegation.payload), 2)
  if (kind !== KINDS.delegation) return false
  const [itsMarket = null, key = null, duties = null] = fields(body, 3)
  const mayAdmit = text(itsMarket) === market && list(duties).includes('admit')
  return mayAdmit && isSigned(certificate, bytes(key))
}

interface Message {
  readonly head: Uint8Array
  readonly unprotected: ValueMap
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

function parse(cose: Uint8Array): Message {
  if (cose[0] !== TAG) throw new Error('Not a COSE_Sign1')
  const [head = null, unprotected = null, payload = null, signature = null] = fields(
    decode(cose.subarray(1)),
    4
  )
  if (!(unprotected instanceof Map)) throw new Error('Not a COSE_Sign1')
  const message = {
    head: bytes(head),
    unprotected,
    payload: bytes(payload),
    signature: bytes(signature)
  }
  const parameters = decode(message.head)
  const isOurs =
    parameters instanceof Map &&
    parameters.get(ALGORITHM) === ED25519 &&
    !parameters.has(CRITICAL) &&
    message.signature.length === 64
  if (!isOurs) throw new Error('Not signed as ours are')
  return message
}

/** Strictly by RFC 8032: no signature that another verifier would refuse. */
function isSigned({ head, payload, signature }: Message, key: Uint8Array): boolean {
  const context = new TextEncoder().encode('Signature1')
  // The Sig_structure (RFC 9052 4.4): four parts, the third of them, for outside data, empty.
  const signed = joined([
    Uint8Array.of(0x84, 0x60 | context.length),
    context,
    byteString(head),
    byteString(new Uint8Array(0)),
    byteString(payload)
  ])
  return verify(signature, signed, key, { zip215: false })
}

function byteString(part: Uint8Array): Uint8Array {
  const { length } = part
  if (length < 24) return joined([Uint8Array.of(0x40 | length), part])
  if (length < 0x100) return joined([Uint8Array.of(0x58, length), part])
  return joined([Uint8Array.of(0x59, length >> 8, length & 0xff), part])
}

function readCertificate(payload: Uint8Array): { key: Uint8Array; signer: Signer } {
  const [kind = null, body = null] = fields(decode(payload), 2)
  if (kind !== KINDS.device) throw new Error('Another kind of certificate')
  const [market = null, stall = null, key = null] = fields(body, 4)
  return { key: bytes(key), signer: { market: text(market), stall: text(stall) } }
}

function readReceipt(payload: Uint8Array): Receipt {
  const all = list(decode(payload))
  const [kind, , , at = null, , first = null, second = null] = all
  if (kind === KINDS.receipt && all.length === 7) return longReceipt(whole(at), second)
  if (kind === KINDS.shortReceipt && all.length === 6) return shortReceipt(whole(at), first)
  throw new Error('Not a receipt')
}

function longReceipt(at: number, body: Value): Receipt {
  const all = fields(body, 14)
  const [, , number = null, currency = null, lines = null, discount = null, taxes = null] = all
  const [total = null, rounding = null, tenders = null, change = null, soldAt = null] = all.slice(7)
  return {
    number: text(number),
    at: soldAt === null ? at : whole(soldAt),
    currency: currencyOf(text(currency)).code,
    lines: list(lines).map(readLine),
    discount: discount === null ? money(0) : money(fields(discount, 2)[0] ?? null),
    taxes: list(taxes).map(readTax),
    total: money(total),
    rounding: money(rounding),
    tenders: list(tenders).map(tender => {
      const [method = null, amount = null] = fields(tender, 3)
      return { method: text(method), amount: money(amount) }
    }),
    change: money(change)
  }
}

function shortReceipt(at: number, totals: Value): Receipt {
  const [, number = null, currency = null, total = null, rounding = null, taxes = null] = fields(
    totals,
    7
  )
  return {
    number: text(number),
    at,
    currency: currencyOf(text(currency)).code,
    lines: null,
    discount: money(0),
    taxes: list(taxes).map(readTax),
    total: money(total),
    rounding: money(rounding),
    tenders: [],
    change: money(0)
  }
}

function readLine(line: Value): ReceiptLine {
  const [, name = null, quantity = null, price = null, , discount = null] = fields(line, 6)
  const off = discount === null ? 0 : money(fields(discount, 2)[0] ?? null)
  const amount = money(whole(quantity) * money(price) - off)
  return { name: text(name), quantity: whole(quantity), amount }
}

function readTax(row: Value): ReceiptTax {
  const [taxClass = null, ratePpm = null, , , tax = null] = fields(row, 5)
  return { taxClass: text(taxClass), ratePpm: whole(ratePpm), tax: money(tax) }
}

function list(value: Value): Values {
  if (!Array.isArray(value)) throw new Error('Not an array')
  return value
}

function fields(value: Value, count: number): Values {
  const all = list(value)
  if (all.length !== count) throw new Error(`Not ${count} fields`)
  return all
}

function text(value: Value): string {
  if (typeof value !== 'string') throw new Error('Not text')
  return value
}

function bytes(value: Value): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('Not bytes')
  return value
}

function whole(value: Value): number {
  if (!Number.isSafeInteger(value)) throw new Error('Not a whole number')
  return Number(value)
}

function money(value: Value): Money {
  if (!isMoney(value)) throw new Error('Not an amount')
  return value
}
