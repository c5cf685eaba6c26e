import type { DeviceKey, LogId } from '../core/id.ts'
import type { ContentKeyWrap } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { Malformed } from './canonical.ts'
import { keyId } from './keys.ts'

interface ReadingKeys {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/**
 * Wraps 32 secret bytes for one reader: HPKE (RFC 9180) in base mode with
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305, bound to what they are for.
 * `ephemeral` is the key material of RFC 9180 7.1.3, for golden vectors only.
 */
async function wrap(options: {
  readonly secret: Uint8Array
  readonly info: string
  /** The reader's raw X25519 public key. */
  readonly reader: Uint8Array
  readonly ephemeral?: Uint8Array | undefined
}): Promise<ContentKeyWrap> {
  const { secret, info, reader, ephemeral } = options
  const suite = await openSuite()
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(buffer(reader)),
    info: buffer(Buffer.from(info)),
    ...(ephemeral && { ekm: buffer(ephemeral) })
  })
  const ciphertext = new Uint8Array(await sender.seal(buffer(secret)))
  return { reader: keyId(reader), encapsulated: new Uint8Array(sender.enc), ciphertext }
}

/** Undefined when the wrap is for another reader; throws `Malformed` for one that does not open. */
async function unwrap(options: {
  readonly wrap: ContentKeyWrap
  readonly info: string
  readonly reader: ReadingKeys
  /** What does not open, for people. */
  readonly what: string
}): Promise<Uint8Array | undefined> {
  const { wrap, info, reader, what } = options
  if (!isEqual(wrap.reader, keyId(reader.publicKey))) return undefined
  const suite = await openSuite()
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: await suite.kem.importKey('raw', buffer(reader.privateKey), false),
      enc: buffer(wrap.encapsulated),
      info: buffer(Buffer.from(info))
    })
    return new Uint8Array(await recipient.open(buffer(wrap.ciphertext)))
  } catch {
    throw new Malformed(0, `${what} does not open with this reading key`)
  }
}

export const wrapContentKey = (options: {
  readonly contentKey: Uint8Array
  readonly log: LogId
  /** The reader's raw X25519 public key. */
  readonly reader: Uint8Array
  readonly ephemeral?: Uint8Array
}): Promise<ContentKeyWrap> =>
  wrap({ ...options, secret: options.contentKey, info: contentKeyInfo(options.log) })

/** Undefined when none of the wraps is for this reader; throws `Malformed` for a broken one. */
export async function unwrapContentKey(options: {
  readonly wraps: readonly ContentKeyWrap[]
  readonly log: LogId
  readonly reader: ReadingKeys
}): Promise<Uint8Array | undefined> {
  const { wraps, log, reader } = options
  const id = keyId(reader.publicKey)
  const wrap = wraps.find(candidate => isEqual(candidate.reader, id))
  const what = "the log's content key"
  return wrap && unwrap({ wrap, info: contentKeyInfo(log), reader, what })
}

/** A vendor's reading key, for the operator to keep or for a new board of that vendor. */
export const wrapVendorKey = (options: {
  readonly vendorKey: Uint8Array
  readonly device: DeviceKey
  readonly reader: Uint8Array
  readonly ephemeral?: Uint8Array
}): Promise<ContentKeyWrap> =>
  wrap({ ...options, secret: options.vendorKey, info: vendorKeyInfo(options.device) })

/** Undefined when it is for another reader; throws `Malformed` for a broken one. */
export const unwrapVendorKey = (options: {
  readonly wrap: ContentKeyWrap
  readonly device: DeviceKey
  readonly reader: ReadingKeys
}): Promise<Uint8Array | undefined> =>
  unwrap({ ...options, info: vendorKeyInfo(options.device), what: "the vendor's key" })

/** Loaded when first needed: a till that restarts within a boot keeps its key and needs no HPKE. */
async function openSuite() {
  // The package `@hpke/dhkem-x25519` is the same in plain JavaScript; this one has Node compute.
  const [{ CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 }, { Chacha20Poly1305 }] =
    await Promise.all([import('@hpke/core'), import('@hpke/chacha20poly1305')])
  return new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305()
  })
}

const contentKeyInfo = (log: LogId): string => `stallmesh content key\n${log}`
const vendorKeyInfo = (device: DeviceKey): string => `stallmesh vendor key\n${device}`

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer
