import type { Entry } from '../../node/core/entry.ts'
import type { Id } from '../../node/core/id.ts'
import { inclusionProof, leafHash, nodesOf } from '../../node/core/proof/merkle.ts'
import { money } from '../../node/core/sell/money.ts'
import { checkpoint, tlogProof } from '../../node/wire/checkpoint.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import { openBody, readEntry } from '../../node/wire/entry.ts'
import { encodeFrame } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { receiptUrl, signReceipt } from '../../node/wire/receipt.ts'
import {
  bytesOfEntries,
  CONTENT_KEY,
  device,
  deviceCertificate,
  fixedEntries,
  frameOf,
  logKey,
  MARKET,
  SOLD
} from './given.ts'

/** One golden vector. `expect` is `accept`, or the reason of the refusal. */
export interface Golden {
  readonly name: string
  readonly kind:
    | 'value'
    | 'entry'
    | 'frame'
    | 'certificate'
    | 'receipt'
    | 'url'
    | 'note'
    | 'proof'
    | 'delegation'
    | 'members'
    | 'ticket'
    | 'request'
    | 'answer'
    | 'x509'
  readonly expect: string
  /** Bytes as hexadecimal digits, or the text of a note, proof or address. */
  readonly given: string
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** What the code makes of the fixed keys; `vectors/wire.json` holds what it made once. */
export async function goldens(): Promise<Golden[]> {
  const entries = bytesOfEntries(await fixedEntries())
  return [...values(), ...entryCases(entries), ...frameCases(entries), ...signedCases(entries)]
}

function values(): Golden[] {
  const accepted: [name: string, value: Value][] = [
    ['the shortest head', [23, 24, 255, 256, 65_535, 65_536, -1, -24, -25]],
    ['a time in milliseconds', 1_795_370_400_000],
    ['the largest integer', 2n ** 64n - 1n],
    ['the smallest integer', -(2n ** 63n)],
    ['text and bytes', ['Thé glacé', 'a\ufeff', Buffer.of(0, 255), '', Buffer.of()]],
    [
      'keys in the order of their bytes',
      new Map<number | string, Value>([
        ['a', 1],
        [-1, 2],
        [9, 3]
      ])
    ]
  ]
  const refused: [name: string, given: string, reason: string][] = [
    ['23 in two bytes', '1817', 'not the shortest form'],
    ['a length in two bytes', '5801ff', 'not the shortest form'],
    ['a float', 'f93c00', 'a float or unknown simple value'],
    ['undefined', 'f7', 'a float or unknown simple value'],
    ['a tag', 'c11a514b67b0', 'a tag'],
    ['an endless array', '9fff', 'no length given'],
    ['keys out of order', 'a202000100', 'keys out of order or twice'],
    ['a key twice', 'a201000100', 'keys out of order or twice'],
    ['a key of bytes', 'a14000', 'a key that is neither integer nor text'],
    ['half of a surrogate pair', '63eda080', 'text that is not UTF-8'],
    ['a byte order mark', '63efbbbf', 'text that begins with a byte order mark'],
    ['a byte order mark before a key', 'a164efbbbf6100', 'text that begins with a byte order mark'],
    ['-2^63 - 1', '3b8000000000000000', 'an integer below -2^63'],
    ['a length past the end', '4201', 'longer than the bytes'],
    ['two values', '0000', 'more bytes after the value'],
    ['17 arrays in one another', `${'81'.repeat(17)}00`, 'nested deeper than 16']
  ]
  return [
    ...accepted.map(([name, value]) => accept('value', name, encode(value))),
    ...refused.map(([name, given, expect]) => ({ name, kind: 'value' as const, expect, given }))
  ]
}

function entryCases(entries: readonly Uint8Array[]): Golden[] {
  const names = ['a log opens', 'an item is listed', 'a sale, sealed', 'a receipt came out, sealed']
  const [, listed, sold] = entries
  const edited = (bytes: Uint8Array | undefined, field: number, to: Value) =>
    encode((decode(bytes ?? Buffer.of()) as Value[]).with(field, to))
  const moved = 'the sealed body does not open with this key at this place'
  return [
    ...entries.map((bytes, at) => accept('entry', names[at] ?? '', bytes)),
    ...wished().map(([name, bytes]) => accept('entry', name, bytes)),
    ...counted().map(([name, bytes]) => accept('entry', name, bytes)),
    accept('entry', 'a type that is not known yet', edited(listed, 4, 250)),
    refuse('entry', 'a sale at another place', edited(sold, 2, 3), moved),
    refuse('entry', 'a sale at another time', edited(sold, 3, 0), moved),
    refuse('entry', 'a sale as another type', edited(sold, 4, 13), moved),
    refuse(
      'entry',
      'a sealed type with an open body',
      edited(sold, 5, [1, 2]),
      'not a sealed body'
    ),
    refuse('entry', 'another version', edited(listed, 0, 2), 'version 2, which is not known here'),
    refuse('entry', 'a place before the first', edited(listed, 2, -1), 'not a whole number from 0'),
    refuse('entry', 'a field too few', edited(listed, 5, [['bao']]), 'item: not 7 fields')
  ]
}

/** A field that may be missing is null in its place: the same fact with it and without. */
function wished(): (readonly [name: string, bytes: Uint8Array])[] {
  const { log, at } = SOLD
  const wish = '101112131415161718191a1b1c1d1e1f' as Id
  const moved = {
    type: 'stockMoved',
    moves: [{ sku: 'tea', change: -1 }],
    reason: 'counted'
  } as const
  const ice = { type: 'cashMoved', session: 1, amount: money(-500), reason: 'Ice' } as const
  const entries: readonly Entry[] = [
    { log, at, seq: 4, ...moved },
    { log, at, seq: 5, ...moved, counted: 23, wish },
    { log, at, seq: 6, ...ice },
    { log, at, seq: 7, ...ice, wish },
    { ...SOLD, seq: 8, isTimeUnsure: true }
  ]
  const names = [
    'stock moved',
    'stock counted under a key',
    'cash out',
    'cash out under a key',
    'a sale at an unsure time'
  ]
  return bytesOfEntries(entries).map((bytes, index) => [names[index] ?? '', bytes])
}

/** What devices count: a minute that was seen, one that nobody saw, a light's hour, a drawer. */
function counted(): (readonly [name: string, bytes: Uint8Array])[] {
  const { log, at } = SOLD
  const minute = { type: 'footfallCounted', sensor: 'door', from: at - 60_000, to: at } as const
  const nobody = { in: null, out: null, unsure: 0, lostEdges: 0, quality: 'absent' } as const
  const entries: readonly Entry[] = [
    { log, at, seq: 9, ...minute, in: 3, out: 1, unsure: 1, lostEdges: 0, quality: 'direct' },
    { log, at, seq: 10, ...minute, ...nobody },
    {
      ...{ log, at, seq: 11, type: 'energyUsed', device: 'lamp' },
      ...{ from: at - 900_000, to: at, onMs: 600_000, milliwattHours: 1_667 }
    },
    { log, at, seq: 12, type: 'drawerOpened', reason: 'Change' }
  ]
  const names = [
    'a minute at the door',
    'a minute that nobody saw',
    'what a light used, sealed',
    'the drawer was opened, sealed'
  ]
  return bytesOfEntries(entries).map((bytes, index) => [names[index] ?? '', bytes])
}

function frameCases(entries: readonly Uint8Array[]): Golden[] {
  const frame = frameOf(entries)
  const bytes = encodeFrame(frame)
  const swapped = encodeFrame({ ...frame, entries: entries.toReversed() })
  const forged = encodeFrame({ ...frame, signature: Buffer.alloc(64) })
  const [first = Buffer.of(), , ...rest] = entries
  const wrongRoot = 'the entries are not those that the head was made of'
  const shorter = { ...frame, size: 3, entries: [first, ...rest] }
  return [
    accept('frame', 'a log of four entries', bytes),
    accept(
      'frame',
      'the same log, its first two entries',
      encodeFrame(frameOf(entries.slice(0, 2)))
    ),
    refuse('frame', 'entries in another order', swapped, 'entry 0 is out of its place'),
    refuse('frame', 'an entry left out', encodeFrame(shorter), 'entry 1 is out of its place'),
    refuse(
      'frame',
      'the root of another tree',
      encodeFrame({ ...frame, root: Buffer.alloc(32) }),
      wrongRoot
    ),
    refuse('frame', 'no true signature', forged, "the head is not signed by the log's key"),
    refuse('frame', 'cut short', bytes.slice(0, -1), 'longer than the bytes')
  ]
}

function signedCases(entries: readonly Uint8Array[]): Golden[] {
  const [, , sold = Buffer.of()] = entries
  const { salt } = openBody(readEntry(sold), CONTENT_KEY)
  const made = { sold: SOLD, leaf: leafHash(sold, sha256), salt, device }
  const certificate = deviceCertificate
  const long = signReceipt({ ...made, form: 'long', certificate })
  const short = signReceipt({ ...made, form: 'short', certificate })
  const bare = signReceipt({ ...made, form: 'long' })
  const dearer = Buffer.from(long)
  dearer.writeUInt8(dearer.readUInt8(long.length - 100) ^ 1, long.length - 100)
  const note = checkpoint(MARKET, frameOf(entries), logKey.publicKey)
  const nodeAt = nodesOf(
    entries.map(each => leafHash(each, sha256)),
    sha256
  )
  const proof = inclusionProof({ index: 2, size: entries.length, nodeAt, hash: sha256 })
  const proofText = tlogProof({ index: 2, proof, checkpoint: note })
  const text = (kind: Golden['kind'], name: string, given: string, expect = 'accept') => ({
    name,
    kind,
    expect,
    given
  })
  return [
    accept('certificate', 'the market admits a device', certificate),
    refuse(
      'certificate',
      'a tag of another structure',
      Buffer.from([0xd1, ...certificate.slice(1)]),
      'not a COSE_Sign1'
    ),
    accept('receipt', 'the long form with its certificate', long),
    accept('receipt', 'the short form with its certificate', short),
    refuse('receipt', 'one bit of the sale changed', dearer, 'the signature does not match'),
    refuse('receipt', 'without its certificate', bare, 'carries no device certificate'),
    text('url', 'the address in the QR code', receiptUrl(MARKET, short)),
    text(
      'url',
      'an address without a number',
      `https://${MARKET}/r`,
      'not the number of a receipt'
    ),
    text('note', 'a signed checkpoint', note),
    text('note', 'another size', note.replace('\n4\n', '\n5\n'), 'the signature does not match'),
    text(
      'note',
      'a size with a zero before it',
      note.replace('\n4\n', '\n04\n'),
      'the signature does not match'
    ),
    text('proof', 'the sale is in the log', proofText),
    text('proof', 'another entry', proofText.replace('index 2', 'index 1'), 'not in the tree')
  ]
}

export const accept = (kind: Golden['kind'], name: string, bytes: Uint8Array): Golden => ({
  name,
  kind,
  expect: 'accept',
  given: hex(bytes)
})

export const refuse = (
  kind: Golden['kind'],
  name: string,
  bytes: Uint8Array,
  expect: string
): Golden => ({
  name,
  kind,
  expect,
  given: hex(bytes)
})
