import { type KeyObject, sign, verify } from 'node:crypto'
import { isLogId } from '../core/id.ts'
import { base64, type Head, headText, originOf } from '../core/proof/head.ts'
import { Malformed } from './canonical.ts'
import { sha256 } from './hash.ts'
import { verifyingKey } from './keys.ts'

/** The head's signature in a frame is the checkpoint's own, so one signature serves both. */
export const signHead = (market: string, head: Head, logKey: KeyObject): Uint8Array =>
  sign(null, Buffer.from(headText(market, head)), logKey)

export const verifyHead = (options: {
  readonly market: string
  readonly head: Head & { readonly signature: Uint8Array }
  readonly verifier: KeyObject
}): boolean =>
  options.head.signature.length === 64 &&
  verify(
    null,
    Buffer.from(headText(options.market, options.head)),
    options.verifier,
    options.head.signature
  )

/** A key that signs notes, with the name that it signs under (C2SP signed-note). */
interface NoteKey {
  readonly name: string
  /** The raw Ed25519 public key. */
  readonly key: Uint8Array
}

/** The signed checkpoint of a log (C2SP tlog-checkpoint), from a head that was signed before. */
export function checkpoint(
  market: string,
  head: Head & { readonly signature: Uint8Array },
  logKey: Uint8Array
): string {
  const name = originOf(market, head.log)
  return noteText(headText(market, head), { name, key: logKey, signature: head.signature })
}

/** A text and its signature as a signed note. */
export function noteText(
  text: string,
  { name, key, signature }: NoteKey & { readonly signature: Uint8Array }
): string {
  const marked = Buffer.concat([noteKeyId({ name, key }), signature])
  return `${text}\n— ${name} ${marked.toString('base64')}\n`
}

/**
 * The text of a note when the key's signature on it is true; throws `Malformed` otherwise.
 * Signatures of other keys are passed over, as C2SP signed-note demands.
 */
export function openNote(note: string, trusted: NoteKey): string {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) throw new Malformed(0, 'not a signed note')
  if (CONTROL.test(note)) throw new Malformed(0, 'control characters in a note')
  const text = note.slice(0, end + 1)
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > SIGNATURES_MAX) throw new Malformed(end, 'too many signatures')
  const keyId = noteKeyId(trusted)
  const signatures = lines
    .map(line => readSignature(line, end))
    .filter(({ name, bytes }) => name === trusted.name && bytes.subarray(0, 4).equals(keyId))
  const verifier = verifyingKey(trusted.key)
  const isTrue = ({ bytes }: { bytes: Buffer }) =>
    bytes.length === 68 && verify(null, Buffer.from(text), verifier, bytes.subarray(4))
  if (signatures.length === 0) throw new Malformed(end, 'not signed by this key')
  if (!signatures.every(isTrue)) throw new Malformed(end, 'the signature does not match')
  return text
}

/** Reads a checkpoint's text; throws `Malformed` unless it is the only way to write this head. */
export function readHeadText(text: string, market: string): Head {
  const [origin = '', size = '', root = ''] = text.split('\n')
  const log = origin.slice(market.length + 1)
  if (!isLogId(log)) throw new Malformed(0, 'the origin of another market, or of none')
  const head = { log, size: Number(size), root: Buffer.from(root, 'base64') }
  if (head.root.length !== 32 || headText(market, head) !== text) {
    throw new Malformed(0, 'not a checkpoint')
  }
  return head
}

/** SHA-256(name || 0x0A || 0x01 || key)[:4], where 0x01 is Ed25519 (C2SP signed-note). */
export const noteKeyId = ({ name, key }: NoteKey): Buffer =>
  Buffer.from(sha256(Buffer.concat([Buffer.from(`${name}\n\x01`), key])).subarray(0, 4))

interface TlogProof {
  readonly index: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
}

const PROOF_TITLE = 'c2sp.org/tlog-proof@v1'

/** C2SP tlog-proof: one entry's inclusion, to be checked by anybody's tools. */
export const tlogProof = ({ index, proof, checkpoint }: TlogProof): string =>
  [PROOF_TITLE, `index ${index}`, ...proof.map(base64), '', checkpoint].join('\n')

export function readTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n')
  const lines = text.slice(0, Math.max(end, 0)).split('\n')
  const [title, ...rest] = lines
  // Nobody signed the extra data, so nobody here believes it.
  const [place = '', ...hashes] = rest[0]?.startsWith('extra ') ? rest.slice(1) : rest
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(place)?.[1] ?? Number.NaN)
  if (title !== PROOF_TITLE || !Number.isSafeInteger(index) || lines.length > 70) {
    throw new Malformed(0, 'not a tlog-proof')
  }
  const proof = hashes.map(hash => Buffer.from(hash, 'base64'))
  if (proof.some((hash, at) => hash.length !== 32 || base64(hash) !== hashes[at])) {
    throw new Malformed(0, 'a hash of the proof is not one')
  }
  return { index, proof, checkpoint: text.slice(end + 2) }
}

/** C2SP signed-note: at least 16 must be taken. */
const SIGNATURES_MAX = 64

/** C2SP signed-note allows the newline and no other control character below U+0020. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about them
const CONTROL = /[\x00-\x09\x0b-\x1f]/

function readSignature(line: string, offset: number): { name: string; bytes: Buffer } {
  const parts = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line)
  if (!parts) throw new Malformed(offset, 'not a signature line')
  const [, name = '', digits = ''] = parts
  return { name, bytes: Buffer.from(digits, 'base64') }
}
