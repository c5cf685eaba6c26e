import { type KeyObject, sign } from 'node:crypto'
import { Malformed } from './canonical.ts'
import { keyId } from './keys.ts'
import { STALL_ID } from './members.ts'

/**
 * The X.509 envelope (RFC 5280) in which a device shows itself to TLS. It proves nothing alone: it
 * is signed by the device's own key, and carries the market's word on that key, our device
 * certificate, as an extension. So there is one chain of trust, that of `certificate.ts`, and no
 * second one whose dates a Pi without a clock could get wrong.
 */
interface Envelope {
  readonly stall: string
  /** The raw Ed25519 public key; TLS has the peer prove that it holds the private one. */
  readonly key: Uint8Array
  /** The COSE device certificate. */
  readonly certificate: Uint8Array
}

/** The same bytes each time: Ed25519 takes no chance, and no date is in it. */
export function writeX509(envelope: Envelope, deviceKey: KeyObject): Uint8Array {
  const body = sequence(
    element(TAGS.version, integer(Buffer.of(2))),
    integer(serialOf(envelope.key)),
    ED25519,
    nameOf(envelope.stall),
    FOR_EVER,
    nameOf(envelope.stall),
    sequence(ED25519, element(TAGS.bits, Buffer.of(0), envelope.key)),
    element(TAGS.extensions, sequence(...extensionsOf(envelope)))
  )
  return sequence(body, ED25519, element(TAGS.bits, Buffer.of(0), sign(null, body, deviceKey)))
}

/** Throws `Malformed` for what is no such envelope, and says nothing of whether it is true. */
export function readX509(der: Uint8Array): Envelope {
  if (der.length > X509_BYTES_MAX) throw new Malformed(X509_BYTES_MAX, 'a certificate too long')
  const [body] = parts(der, TAGS.sequence, 3)
  const fields = parts(body, TAGS.sequence, 8)
  const extensions = readExtensions(contents(fields[7], TAGS.extensions))
  const names = extensions.get(hex(OIDS.names)) ?? Buffer.of()
  const certificate = extensions.get(hex(OIDS.certificate)) ?? Buffer.of()
  return {
    stall: readName(names),
    key: readKey(fields[6]),
    certificate: contents(certificate, TAGS.bytes)
  }
}

export const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`

/** Two certificates of COSE and what is around them take under a kilobyte. */
const X509_BYTES_MAX = 4_096

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  bytes: 0x04,
  text: 0x0c,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific: [0] and [3] of TBSCertificate, [6] of GeneralName. */
  version: 0xa0,
  extensions: 0xa3,
  uri: 0x86
}

/**
 * Object identifiers, encoded. The last is ours, 2.25 and a random UUID as a number (X.667): such
 * a name is free to take, and nobody else's.
 */
const OIDS = {
  commonName: Buffer.from('550403', 'hex'),
  keyUsage: Buffer.from('551d0f', 'hex'),
  names: Buffer.from('551d11', 'hex'),
  constraints: Buffer.from('551d13', 'hex'),
  extendedUsage: Buffer.from('551d25', 'hex'),
  server: Buffer.from('2b06010505070301', 'hex'),
  client: Buffer.from('2b06010505070302', 'hex'),
  /** 2.25.29572119268230750328531272099807816687 */
  certificate: Buffer.from('69acbfb1838cf692b7f18e9582aaeed7fbd76f', 'hex')
}

const URN = 'urn:stall:'

/** The algorithm has no parameters (RFC 8410 3). */
const ED25519 = sequence(element(TAGS.oid, Buffer.from('2b6570', 'hex')))

/** From 1970 on, for ever (RFC 5280 4.1.2.5): a stall may not know the time, so none is asked. */
const FOR_EVER = sequence(
  element(TAGS.utcTime, Buffer.from('700101000000Z')),
  element(TAGS.generalizedTime, Buffer.from('99991231235959Z'))
)

/** Positive and in its shortest form (RFC 5280 4.1.2.2): the first bit is 0, the second 1. */
function serialOf(key: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = keyId(key)
  return Buffer.of((first & 0x3f) | 0x40, ...rest)
}

const nameOf = (stall: string): Uint8Array =>
  sequence(
    element(
      TAGS.set,
      sequence(element(TAGS.oid, OIDS.commonName), element(TAGS.text, Buffer.from(stall)))
    )
  )

function extensionsOf({ stall, certificate }: Envelope): Uint8Array[] {
  const critical = element(TAGS.boolean, Buffer.of(0xff))
  const extension = (id: Uint8Array, value: Uint8Array, ...flag: Uint8Array[]) =>
    sequence(element(TAGS.oid, id), ...flag, element(TAGS.bytes, value))
  const usages = sequence(element(TAGS.oid, OIDS.server), element(TAGS.oid, OIDS.client))
  const uri = element(TAGS.uri, Buffer.from(`${URN}${stall}`))
  return [
    extension(OIDS.constraints, sequence(), critical),
    // Seven unused bits, then digitalSignature (RFC 5280 4.2.1.3).
    extension(OIDS.keyUsage, element(TAGS.bits, Buffer.of(7, 0x80)), critical),
    extension(OIDS.extendedUsage, usages),
    extension(OIDS.names, sequence(uri)),
    extension(OIDS.certificate, element(TAGS.bytes, certificate))
  ]
}

/** By their ids in hexadecimal. */
function readExtensions(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (const each of parts(bytes, TAGS.sequence)) {
    const [id, ...rest] = parts(each, TAGS.sequence)
    const name = hex(contents(id, TAGS.oid))
    const isCritical = rest.length === 2
    // RFC 5280 4.2: what is critical and not understood makes a certificate useless.
    if (isCritical && !UNDERSTOOD.has(name)) throw new Malformed(0, 'a critical extension')
    if (found.has(name)) throw new Malformed(0, 'an extension twice')
    found.set(name, contents(rest.at(-1), TAGS.bytes))
  }
  return found
}

const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(OIDS).map(hex))

function readName(bytes: Uint8Array): string {
  for (const each of parts(bytes, TAGS.sequence)) {
    if (each[0] !== TAGS.uri) continue
    const uri = Buffer.from(contents(each, TAGS.uri)).toString('latin1')
    const stall = uri.slice(URN.length)
    if (uri.startsWith(URN) && STALL_ID.test(stall)) return stall
  }
  throw new Malformed(0, 'a certificate of no stall')
}

function readKey(bytes: Uint8Array | undefined): Uint8Array {
  const [algorithm, key] = parts(bytes, TAGS.sequence, 2)
  const bits = contents(key, TAGS.bits)
  if (!algorithm || hex(algorithm) !== hex(ED25519) || bits.length !== 33 || bits[0] !== 0) {
    throw new Malformed(0, 'not an Ed25519 key')
  }
  return bits.subarray(1)
}

/** Hoisted, for tables above are made with them. */
function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(TAGS.sequence, ...items)
}

/** Tag, length in its shortest form, contents (X.690 8.1, 10.1). */
function element(tag: number, ...items: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(items)
  const { length } = body
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), body])
}

const integer = (bytes: Uint8Array): Uint8Array => element(TAGS.integer, bytes)

/** The elements in an element, whole; `count` is how many there must be. */
function parts(bytes: Uint8Array | undefined, tag: number, count?: number): Uint8Array[] {
  const inner = contents(bytes, tag)
  const found: Uint8Array[] = []
  for (let at = 0; at < inner.length; ) {
    const { end } = spanOf(inner.subarray(at))
    found.push(inner.subarray(at, at + end))
    at += end
  }
  if (count !== undefined && found.length !== count) throw new Malformed(0, 'not a certificate')
  return found
}

function contents(bytes: Uint8Array | undefined, tag: number): Uint8Array {
  if (!bytes || bytes[0] !== tag) throw new Malformed(0, 'not a certificate')
  const { start, end } = spanOf(bytes)
  if (end !== bytes.length) throw new Malformed(end, 'more bytes after a part of a certificate')
  return bytes.subarray(start, end)
}

/** Only the lengths that DER has, and only up to 65,535. */
function spanOf(bytes: Uint8Array): { readonly start: number; readonly end: number } {
  const [, length = 0, first = 0, second = 0] = bytes
  const span =
    length < 0x80
      ? { start: 2, size: length, least: 0 }
      : length === 0x81
        ? { start: 3, size: first, least: 0x80 }
        : { start: 4, size: (first << 8) | second, least: 0x100 }
  const end = span.start + span.size
  if (length > 0x82 || span.size < span.least || end > bytes.length) {
    throw new Malformed(0, 'a length that is not DER, or past the end')
  }
  return { start: span.start, end }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
