import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { isEqual } from '../core/proof/merkle.ts'
import { Malformed } from './canonical.ts'
import { sha256 } from './hash.ts'

/** What it takes to seal: the log's content key, and bytes that nobody can guess. */
export interface Seal {
  readonly contentKey: Uint8Array
  readonly random: (size: number) => Uint8Array
}

/** A body whose bytes only the readers of the log can see. */
export interface Sealed {
  /** SHA-256(salt || body): shows later that a receipt and this entry say the same. */
  readonly commitment: Uint8Array
  /** Nonce (12), ciphertext, tag (16). */
  readonly box: Uint8Array
}

export interface Opened {
  readonly body: Uint8Array
  readonly salt: Uint8Array
}

const CIPHER = 'chacha20-poly1305'
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Plaintexts are padded to whole blocks, so that a length does not tell what was sold. */
const BLOCK_BYTES = 64

/** `bound` is what the box is tied to: the entry's place, time and type. */
export function seal(
  options: Seal & { readonly body: Uint8Array; readonly bound: Uint8Array }
): Sealed {
  const { contentKey, random, body, bound } = options
  const chance = random(SALT_BYTES + NONCE_BYTES)
  const nonce = chance.subarray(SALT_BYTES)
  const size = SALT_BYTES + body.length
  const plaintext = Buffer.allocUnsafe((Math.floor(size / BLOCK_BYTES) + 1) * BLOCK_BYTES)
  plaintext.set(chance.subarray(0, SALT_BYTES))
  plaintext.set(body, SALT_BYTES)
  // ISO/IEC 7816-4 padding: 0x80 and zeros, at least the 0x80.
  plaintext[size] = 0x80
  plaintext.fill(0, size + 1)
  const cipher = createCipheriv(CIPHER, contentKey, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(bound, { plaintextLength: plaintext.length })
  const box = Buffer.allocUnsafe(NONCE_BYTES + plaintext.length + TAG_BYTES)
  box.set(nonce)
  box.set(cipher.update(plaintext), NONCE_BYTES)
  cipher.final()
  box.set(cipher.getAuthTag(), NONCE_BYTES + plaintext.length)
  return { commitment: sha256(plaintext.subarray(0, size)), box }
}

/** Throws `Malformed` when the box is not what was sealed at this place with this key. */
export function unseal(
  options: Sealed & { readonly contentKey: Uint8Array; readonly bound: Uint8Array }
): Opened {
  const { contentKey, commitment, box, bound } = options
  const padded = decrypt(contentKey, box, bound)
  const end = padded.lastIndexOf(0x80)
  const isPadded = end >= SALT_BYTES && padded.subarray(end + 1).every(byte => byte === 0)
  const isShortest = padded.length - end <= BLOCK_BYTES
  if (!isPadded || !isShortest) throw new Malformed(0, 'padded wrongly')
  if (!isEqual(sha256(padded.subarray(0, end)), commitment)) {
    throw new Malformed(0, 'the sealed body is not the one that was committed to')
  }
  return { salt: padded.subarray(0, SALT_BYTES), body: padded.subarray(SALT_BYTES, end) }
}

/** Whether bytes could be a box at all; readers without the key check this much. */
export const isBoxSize = (size: number): boolean =>
  size > NONCE_BYTES + TAG_BYTES && (size - NONCE_BYTES - TAG_BYTES) % BLOCK_BYTES === 0

/** Random bytes in small pieces: asking the system for 4 KiB at once costs a tenth a piece. */
export function pooledRandom(): (size: number) => Uint8Array {
  let pool = Buffer.alloc(0)
  let at = 0
  return size => {
    if (at + size > pool.length) {
      pool = randomFillSync(Buffer.alloc(Math.max(4_096, size)))
      at = 0
    }
    at += size
    return pool.subarray(at - size, at)
  }
}

function decrypt(contentKey: Uint8Array, box: Uint8Array, bound: Uint8Array): Buffer {
  if (!isBoxSize(box.length)) throw new Malformed(0, 'not the size of a sealed body')
  const nonce = box.subarray(0, NONCE_BYTES)
  const ciphertext = box.subarray(NONCE_BYTES, box.length - TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, contentKey, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bound, { plaintextLength: ciphertext.length })
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES))
  const plaintext = decipher.update(ciphertext)
  try {
    decipher.final()
  } catch {
    throw new Malformed(0, 'the sealed body does not open with this key at this place')
  }
  return plaintext
}
