import { createPrivateKey, type KeyObject } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { Fault } from '../core/ports.ts'
import { readIfThere, replaceFile } from '../disk/replace.ts'
import { rawPublicKey } from '../wire/keys.ts'

type KeyKind = 'ed25519' | 'x25519'

/** A secret key and its public half as 32 raw bytes. */
export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
}

/** The 32 raw bytes of a secret key, which HPKE wants. */
export const rawPrivateKey = ({ privateKey }: KeyPair): Uint8Array =>
  Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')

/** PKCS #8 up to the 32 secret bytes (RFC 8410 7). */
const PKCS8: Readonly<Record<KeyKind, string>> = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420'
}

export function keyPair(kind: KeyKind, secret: Uint8Array): KeyPair {
  const key = Buffer.concat([Buffer.from(PKCS8[kind], 'hex'), secret])
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: rawPublicKey(privateKey) }
}

/** Reads a key file in PEM, or makes one that only its owner may read. Rejects with a `Fault`. */
export async function loadOrMakeKey(options: {
  readonly path: string
  readonly kind: KeyKind
  readonly random: (size: number) => Uint8Array
}): Promise<KeyPair> {
  const { path, kind, random } = options
  const there = await loadKey(path, kind)
  if (there) return there
  const made = keyPair(kind, random(32))
  await saveKey(path, made)
  return made
}

/** Writes a secret key as PEM that only its owner may read. Rejects with a `Fault`. */
export function saveKey(path: string, { privateKey }: KeyPair): Promise<void> {
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  return guardFiles(path, () => replaceFile({ path, parts: [Buffer.from(pem)], mode: 0o600 }))
}

/** Undefined when there is no such file; rejects with a `Fault` when it is not a key. */
export async function loadKey(path: string, kind: KeyKind): Promise<KeyPair | undefined> {
  const pem = await guardFiles(path, () => readIfThere(path))
  if (!pem) return undefined
  try {
    const privateKey = createPrivateKey(Buffer.from(pem))
    if (privateKey.asymmetricKeyType !== kind) throw new TypeError(`Not ${kind}`)
    return { privateKey, publicKey: rawPublicKey(privateKey) }
  } catch {
    throw damaged(path)
  }
}

export const damaged = (path: string): Fault =>
  new Fault({
    code: 'damaged-key',
    message: `The key file ${basename(path)} in ${dirname(path)} is damaged.`,
    fix:
      'Copy the keys folder back from a backup. Without one, move the whole data folder aside ' +
      'and start again: the stall then begins as a new one, and the old books stay readable.',
    isRetryable: false
  })

export function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** Turns the system's word for a folder that cannot be read or written into one for people. */
export async function guardFiles<Result>(
  path: string,
  step: () => Promise<Result>
): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new Fault({
      code: 'keys-unreachable',
      message: `The stall cannot use its key file ${path} (${String(error.code)}).`,
      fix: 'See that the disk is not full and that the folder belongs to the user of the stall.',
      isRetryable: true
    })
  }
}
