import type { LogId } from '../core/id.ts'
import type { ContentKeyWrap } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { Malformed } from './canonical.ts'
import { keyId } from './keys.ts'

/**
 * Wraps a log's content key for one reader: HPKE (RFC 9180) in base mode with
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305, bound to the log's id.
 * `ephemeral` is the key material of RFC 9180 7.1.3, for golden vectors only.
 */
export async function wrapContentKey(options: {
  readonly contentKey: Uint8Array
  readonly log: LogId
  /** The reader's raw X25519 public key. */
  readonly reader: Uint8Array
  readonly ephemeral?: Uint8Array
}): Promise<ContentKeyWrap> {
  const { contentKey, log, reader, ephemeral } = options
  const suite = await openSuite()
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(buffer(reader)),
    info: infoOf(log),
    ...(ephemeral && { ekm: buffer(ephemeral) })
  })
  const ciphertext = new Uint8Array(await sender.seal(buffer(contentKey)))
  return { reader: keyId(reader), encapsulated: new Uint8Array(sender.enc), ciphertext }
}

/** Undefined when none of the wraps is for this reader; throws `Malformed` for a broken one. */
export async function unwrapContentKey(options: {
  readonly wraps: readonly ContentKeyWrap[]
  readonly log: LogId
  /** The reader's raw X25519 keys. */
  readonly reader: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }
}): Promise<Uint8Array | undefined> {
  const { wraps, log, reader } = options
  const id = keyId(reader.publicKey)
  const wrap = wraps.find(candidate => isEqual(candidate.reader, id))
  if (!wrap) return undefined
  const suite = await openSuite()
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: await suite.kem.importKey('raw', buffer(reader.privateKey), false),
      enc: buffer(wrap.encapsulated),
      info: infoOf(log)
    })
    return new Uint8Array(await recipient.open(buffer(wrap.ciphertext)))
  } catch {
    throw new Malformed(0, "the log's content key does not open with this reading key")
  }
}

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

const infoOf = (log: LogId): ArrayBuffer => buffer(Buffer.from(`stallmesh content key\n${log}`))

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer
