import { type KeyObject, sign, verify } from 'node:crypto'
import { Malformed } from './canonical.ts'
import { decode, encode, type ValueMap } from './codec.ts'
import { isBytes } from './shape.ts'

/** A COSE_Sign1 message (RFC 9052 4.2) whose signature was checked. */
interface Cose1 {
  readonly payload: Uint8Array
  readonly unprotected: ValueMap
}

/** Ed25519, fully specified (RFC 9864 2.2). The older -8 (EdDSA) leaves the curve open. */
const ED25519 = -19

/** Header parameters (RFC 9052 3.1). */
const ALG = 1
const CRIT = 2
export const KID = 4

/** CBOR tag 18 names a COSE_Sign1 (RFC 9052 2); our profile has no tags, so it is written here. */
const TAG = 0xd2

interface Cose1Options {
  readonly payload: Uint8Array
  readonly key: KeyObject
  readonly unprotected?: ValueMap
}

/** Signs, the same bytes each time: Ed25519 takes no chance (RFC 8032 5.1.6). */
export function coseSign1({ payload, key, unprotected = new Map() }: Cose1Options): Uint8Array {
  const head = encode(new Map([[ALG, ED25519]]))
  const signature = sign(null, signedBytes(head, payload), key)
  return Buffer.concat([Buffer.of(TAG), encode([head, unprotected, payload, signature])])
}

/**
 * Checks a message and gives its payload; throws `Malformed` for one that is not true. `algorithm`
 * is for other people's messages: ours are signed with -19, and nothing else is taken for it.
 */
export function coseVerify1(options: {
  readonly cose: Uint8Array
  readonly key: KeyObject
  readonly algorithm?: number
}): Cose1 {
  const { cose, key, algorithm = ED25519 } = options
  const { head, unprotected, payload, signature } = parseCose1(cose)
  const parameters = decode(head)
  if (!(parameters instanceof Map) || parameters.get(ALG) !== algorithm) {
    throw new Malformed(0, `not signed with algorithm ${algorithm}`)
  }
  if (parameters.has(CRIT)) throw new Malformed(0, 'critical headers, which are not known here')
  if (!verify(null, signedBytes(head, payload), key, signature)) {
    throw new Malformed(0, 'the signature does not match')
  }
  return { payload, unprotected }
}

interface Parts extends Cose1 {
  readonly head: Uint8Array
  readonly signature: Uint8Array
}

/** Takes a message apart and believes nothing of it yet. */
export function parseCose1(cose: Uint8Array): Parts {
  if (cose[0] !== TAG) throw new Malformed(0, 'not a COSE_Sign1')
  const value = decode(cose.subarray(1))
  if (!Array.isArray(value) || value.length !== 4) throw new Malformed(1, 'not a COSE_Sign1')
  const [head, unprotected, payload, signature] = value
  if (!isBytes(head) || !(unprotected instanceof Map) || !isBytes(payload)) {
    throw new Malformed(1, 'not a COSE_Sign1')
  }
  if (!isBytes(signature) || signature.length !== 64) throw new Malformed(1, 'no signature')
  return { head, unprotected, payload, signature }
}

/** The Sig_structure (RFC 9052 4.4), without external data. */
const signedBytes = (head: Uint8Array, payload: Uint8Array): Uint8Array =>
  encode(['Signature1', head, new Uint8Array(0), payload])
