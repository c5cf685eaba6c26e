import { createPublicKey, type KeyObject } from 'node:crypto'
import type { DeviceKey, LogId } from '../core/id.ts'
import { Malformed } from './canonical.ts'
import { sha256 } from './hash.ts'

/**
 * Making a `KeyObject` costs as much as checking a signature with it, so make one and keep it.
 * `raw` are the 32 bytes of RFC 8032.
 */
export function verifyingKey(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new Malformed(0, 'not an Ed25519 key')
  const x = Buffer.from(raw).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** The public half of an Ed25519 or X25519 key, as its 32 raw bytes. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = createPublicKeyOf(key).export({ format: 'jwk' })
  if (x === undefined) throw new TypeError('Not an Ed25519 or X25519 key')
  return Buffer.from(x, 'base64url')
}

const createPublicKeyOf = (key: KeyObject): KeyObject =>
  key.type === 'private' ? createPublicKey(key) : key

/** How keys are named: the first eight bytes of the SHA-256 of the raw public key. */
export const keyId = (raw: Uint8Array): Uint8Array => sha256(raw).subarray(0, 8)

export const logIdOf = (raw: Uint8Array): LogId => Buffer.from(keyId(raw)).toString('hex') as LogId

export const deviceKeyOf = (raw: Uint8Array): DeviceKey =>
  Buffer.from(raw).toString('hex') as DeviceKey
