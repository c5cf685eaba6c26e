import { createHash } from 'node:crypto'
import type { Entry, EntryOf } from '../../node/core/entry.ts'
import type { Id } from '../../node/core/id.ts'
import { append, emptyRange, leafHash, rootOf } from '../../node/core/proof/merkle.ts'
import { money } from '../../node/core/sell/money.ts'
import { keyPair } from '../../node/identity/keyfile.ts'
import { signDeviceCertificate, signLogCertificate } from '../../node/wire/certificate.ts'
import { signHead } from '../../node/wire/checkpoint.ts'
import { entryBytes } from '../../node/wire/entry.ts'
import type { Frame } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { keyId, logIdOf } from '../../node/wire/keys.ts'
import { wrapContentKey } from '../../node/wire/wrap.ts'

/** A market of one stall whose every byte follows from fixed secrets, here in full. */

const pair = (fill: number) => keyPair('ed25519', Buffer.alloc(32, fill))

export const MARKET = 'market.example'
export const STALL = '12'
export const marketKey = pair(1)
export const deviceKey = pair(2)
export const logKey = pair(3)
export const strangerKey = pair(9)
export const CONTENT_KEY = Buffer.alloc(32, 4)
export const LOG = logIdOf(logKey.publicKey)
export const device = { id: keyId(deviceKey.publicKey), privateKey: deviceKey.privateKey }

/** RFC 9180 A.2.1: the recipient's keys and the sender's key material of the public test vector. */
export const reader = {
  publicKey: Buffer.from('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a', 'hex'),
  privateKey: Buffer.from('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb', 'hex')
}
export const EPHEMERAL = Buffer.from(
  '909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b',
  'hex'
)

/** Chance that repeats itself: SHA-256 of 0, 1, 2 … */
export function fixedRandom(): (size: number) => Uint8Array {
  let count = 0
  return size => {
    const parts = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256').update(String(count++)).digest()
    )
    return Buffer.concat(parts).subarray(0, size)
  }
}

export const deviceCertificate = signDeviceCertificate(
  { market: MARKET, stall: STALL, key: deviceKey.publicKey, roles: ['stall'] },
  marketKey.privateKey
)

export const OPENED_AT = Date.UTC(2026, 10, 22, 18)
const place = (seq: number) => ({ log: LOG, seq, at: OPENED_AT + seq * 1_000 })

export const SOLD: EntryOf<'sold'> = {
  ...place(2),
  type: 'sold',
  sale: '000102030405060708090a0b0c0d0e0f' as Id,
  session: 1,
  number: '12-1-1-K7',
  currency: 'EUR',
  lines: [
    { sku: 'bao', name: 'Char siu bao', quantity: 2, unitPrice: money(650), taxClass: 'food' },
    {
      sku: null,
      name: 'Thé glacé',
      quantity: 1,
      unitPrice: money(400),
      taxClass: 'drink',
      discount: { amount: money(50), reason: 'last cup' }
    }
  ],
  taxes: [
    { taxClass: 'food', ratePpm: 70_000, isInclusive: true, net: money(1_215), tax: money(85) },
    { taxClass: 'drink', ratePpm: 190_000, isInclusive: true, net: money(294), tax: money(56) }
  ],
  total: money(1_650),
  rounding: money(0),
  tenders: [{ method: 'cash', amount: money(2_000) }],
  change: money(350),
  isLate: false
}

export async function openedLog(): Promise<EntryOf<'logOpened'>> {
  const certified = { key: logKey.publicKey, counter: 1, bootId: 'first boot', previous: null }
  return {
    ...place(0),
    type: 'logOpened',
    stall: STALL,
    counter: 1,
    bootId: 'first boot',
    monoMs: 61_000,
    previous: null,
    deviceCertificate,
    logCertificate: signLogCertificate(certified, deviceKey.privateKey),
    wraps: [
      await wrapContentKey({
        contentKey: CONTENT_KEY,
        log: LOG,
        reader: reader.publicKey,
        ephemeral: EPHEMERAL
      })
    ]
  }
}

/** Four entries: a log opens, prices are set, a sale, its receipt printed. */
export async function fixedEntries(): Promise<Entry[]> {
  const item = {
    sku: 'bao',
    name: 'Char siu bao',
    price: money(650),
    taxClass: 'food',
    category: 'Warm',
    barcode: '',
    isShared: false
  }
  return [
    await openedLog(),
    { ...place(1), type: 'itemListed', item },
    SOLD,
    { ...place(3), type: 'printed', sale: SOLD.sale, copy: 1, outcome: 'printed' }
  ]
}

export function bytesOfEntries(entries: readonly Entry[]): Uint8Array[] {
  const seal = { contentKey: CONTENT_KEY, random: fixedRandom() }
  return entries.map(entry => entryBytes(entry, seal))
}

/** The frame that holds a log's first entries, as far as `size`, from `from` on. */
export function frameOf(all: readonly Uint8Array[], from = 0): Frame {
  const range = all.reduce(
    (range, each) => append(range, leafHash(each, sha256), sha256),
    emptyRange
  )
  const head = { log: LOG, size: all.length, root: rootOf(range, sha256) }
  const signature = signHead(MARKET, head, logKey.privateKey)
  return { ...head, from, signature, entries: all.slice(from) }
}
