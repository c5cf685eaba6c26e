import { createCipheriv } from 'node:crypto'
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Entry } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import type { Money } from '../../node/core/sell/money.ts'
import { entryBytesAtMost } from '../../node/core/size.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import {
  ENTRY_BYTES_MAX,
  entryBytes,
  openBody,
  openEntry,
  readEntry
} from '../../node/wire/entry.ts'
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { pooledRandom } from '../../node/wire/seal.ts'
import { isSealedType, SHAPES } from '../../node/wire/shapes.ts'
import { suite } from '../harness.ts'
import { entry as anyEntry } from './facts.ts'

const random = pooledRandom()
const KEY = random(32)
const OTHER_KEY = random(32)
const SEAL = { contentKey: KEY, random }

const LOG = '00112233445566ff' as LogId
const PRINTED: Entry = {
  log: LOG,
  seq: 7,
  at: 1_795_370_400_000,
  type: 'printed',
  sale: '000102030405060708090a0b0c0d0e0f' as Id,
  copy: 1,
  outcome: 'printed'
}
const WITHDRAWN: Entry = {
  log: LOG,
  seq: 8,
  at: 1_795_370_400_000,
  type: 'itemWithdrawn',
  sku: 'a'
}

const isRangeError = (error: unknown) => error instanceof RangeError

/** The value of an entry with one of its six fields changed, as bytes again. */
const changed = (bytes: Uint8Array, field: number, to: Value): Uint8Array =>
  encode((decode(bytes) as Value[]).with(field, to))

suite('entries', test => {
  test('every fact comes back from its bytes', () => {
    fc.assert(
      fc.property(anyEntry, entry => {
        const raw = readEntry(entryBytes(entry, SEAL))
        assert.equal(plain(openEntry(raw, KEY)), plain(entry))
        assert.ok(raw.bytes.length + 3 <= entryBytesAtMost(entry))
      }),
      { seed: 1, numRuns: 1_000 }
    )
  })

  test('each type has a number of its own', () => {
    const numbers = Object.values(SHAPES).map(row => row.number)
    assert.is(new Set(numbers).size, numbers.length)
  })

  test('prices, shared stock and footfall are open; what a stall sells is not', () => {
    const open = Object.entries(SHAPES).filter(([, { number }]) => !isSealedType(number))
    assert.equal(open.map(([type]) => type).toSorted(), [
      'clockStepped',
      'footfallCounted',
      'itemListed',
      'itemWithdrawn',
      'logOpened',
      'membersListed',
      'stockMoved',
      'termsSet'
    ])
    assert.equal(openEntry(readEntry(entryBytes(WITHDRAWN, SEAL))), WITHDRAWN)
    assert.is(openEntry(readEntry(entryBytes(PRINTED, SEAL))), undefined)
  })

  test('a sealed body opens with its key at its place only', () => {
    const bytes = entryBytes(PRINTED, SEAL)
    assert.equal(openEntry(readEntry(bytes), KEY), PRINTED)
    assert.throws(() => openEntry(readEntry(bytes), OTHER_KEY), /does not open/)
    const moved: [field: number, to: Value][] = [
      [1, Buffer.alloc(8)],
      [2, 8],
      [3, 1_795_370_400_001],
      [4, 3]
    ]
    for (const [field, to] of moved) {
      const raw = readEntry(changed(bytes, field, to))
      assert.throws(() => openEntry(raw, KEY), /does not open/, `field ${field}`)
    }
  })

  test('a body that is not the one committed to is refused even from a writer with the key', () => {
    const [, box] = readEntry(entryBytes(PRINTED, SEAL)).body
    const other = readEntry(changed(entryBytes(PRINTED, SEAL), 5, [Buffer.alloc(32), box ?? null]))
    assert.throws(() => openEntry(other, KEY), /committed/)
  })

  test('padding has one form: 0x80, zeros, and no block more than it takes', () => {
    const body = encode([Buffer.alloc(16), 1, 'printed'])
    const openPadded = (padding: Uint8Array) => {
      const size = 16 + body.length
      const { commitment, box } = sealPadded(body, padding)
      assert.is((size + padding.length) % 64, 0)
      const entry = changed(entryBytes(PRINTED, SEAL), 5, [commitment, box])
      return openBody(readEntry(entry), KEY)
    }
    const fill = 64 - ((16 + body.length) % 64)
    const good = Buffer.alloc(fill).fill(0x80, 0, 1)
    assert.equal(Buffer.from(openPadded(good).body), Buffer.from(body))
    const zeros = Buffer.alloc(fill)
    const long = Buffer.alloc(fill + 64).fill(0x80, 0, 1)
    const dirty = Buffer.alloc(fill)
      .fill(0x80, 0, 1)
      .fill(1, fill - 1)
    for (const bad of [zeros, long, dirty]) assert.throws(() => openPadded(bad), /padded wrongly/)
  })

  test('equal sales do not look equal, and lengths tell little', () => {
    const once = readEntry(entryBytes(PRINTED, SEAL))
    const again = readEntry(entryBytes(PRINTED, SEAL))
    assert.not.equal(once.body[0], again.body[0])
    assert.not.equal(openBody(once, KEY).salt, openBody(again, KEY).salt)
    const lengths = ['printed', 'sent', 'seen', 'skipped'] as const
    const sizes = lengths.map(outcome => entryBytes({ ...PRINTED, outcome }, SEAL).length)
    assert.is(new Set(sizes).size, 1)
  })

  test('a type from a newer program is carried and not read', () => {
    const newer = readEntry(changed(entryBytes(WITHDRAWN, SEAL), 4, 250))
    assert.is(newer.type, 250)
    assert.is(openEntry(newer, KEY), undefined)
    const sealed = changed(entryBytes(WITHDRAWN, SEAL), 4, 251)
    assert.throws(() => readEntry(sealed), /not a sealed body/)
  })

  const refused: [title: string, field: number, to: Value, reason: RegExp][] = [
    ['version', 0, 2, /version 2/],
    ['log', 1, Buffer.alloc(7), /8 bytes/],
    ['place', 2, -1, /whole number from 0/],
    ['time', 3, 2n ** 60n, /whole number from 0/],
    ['type', 4, 'printed', /whole number from 0/],
    ['body', 5, 5, /no body/]
  ]
  for (const [title, field, to, reason] of refused) {
    test(`refuses an entry of a wrong ${title}`, () => {
      assert.throws(() => readEntry(changed(entryBytes(WITHDRAWN, SEAL), field, to)), reason)
    })
  }

  test('says which field of a body is wrong', () => {
    const moved = { ...WITHDRAWN, type: 'stockMoved', reason: 'sold' } as const
    const bytes = entryBytes({ ...moved, moves: [{ sku: 'a', change: -1 }] }, SEAL)
    const wrong = changed(bytes, 5, [
      [
        ['a', -1],
        ['b', 'c']
      ],
      'sold',
      null,
      null,
      null
    ])
    assert.throws(() => openEntry(readEntry(wrong)), /moves: 1: change: not a whole number/)
    const short = changed(bytes, 5, [[], 'sold'])
    assert.throws(() => openEntry(readEntry(short)), /not 5 fields/)
    const stolen = changed(bytes, 5, [[], 'stolen', null, null, null])
    assert.throws(() => openEntry(readEntry(stolen)), /reason: not opening or received/)
  })

  test('nothing is written that could not be read', () => {
    const half = 0.5 as Money
    const wrong = { ...PRINTED, type: 'cashMoved', session: 1, reason: '', amount: half } as const
    assert.throws(() => entryBytes(wrong, SEAL), isRangeError)
    assert.throws(() => entryBytes({ ...WITHDRAWN, seq: -1 }, SEAL), isRangeError)
    assert.throws(() => entryBytes({ ...WITHDRAWN, log: 'a log' as LogId }, SEAL), isRangeError)
    const long = { ...WITHDRAWN, sku: 'a'.repeat(ENTRY_BYTES_MAX) }
    assert.throws(() => entryBytes(long, SEAL), isRangeError)
    assert.throws(() => readEntry(Buffer.alloc(ENTRY_BYTES_MAX + 1)), /over 64 KiB/)
  })

  test('mutants never crash a reader, and what is accepted encodes to the same bytes', () => {
    let accepted = 0
    fc.assert(
      fc.property(
        anyEntry,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (entry, edits) => {
          const bytes = Buffer.from(entryBytes(entry, SEAL))
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte
          const read = orMalformed(() => openEntry(readEntry(bytes), KEY))
          if (!read) return
          accepted += 1
          assert.is(openBytes(read, bytes), true)
        }
      ),
      { seed: 77, numRuns: 4_000 }
    )
    assert.ok(accepted > 100, `only ${accepted} mutants were accepted`)
  })
})

const FRAME = {
  log: LOG,
  from: 3,
  size: 5,
  root: Buffer.alloc(32, 1),
  signature: Buffer.alloc(64, 2),
  entries: [Buffer.from('one'), Buffer.from('two')]
}

suite('frames', test => {
  test('come back from their bytes', () => {
    assert.equal(plain(decodeFrame(encodeFrame(FRAME))), plain(FRAME))
    const head = { ...FRAME, from: 5, entries: [] }
    assert.equal(plain(decodeFrame(encodeFrame(head))), plain(head))
  })

  test('hold as many entries as the head says', () => {
    assert.throws(() => encodeFrame({ ...FRAME, size: 6 }), isRangeError)
    const bytes = changed(encodeFrame(FRAME), 3, 6)
    assert.throws(() => decodeFrame(bytes), /more or fewer/)
  })

  test('have limits', () => {
    const big = Array.from({ length: 17 }, () => Buffer.alloc(ENTRY_BYTES_MAX))
    assert.throws(() => encodeFrame({ ...FRAME, size: 20, entries: big }), isRangeError)
    assert.throws(() => decodeFrame(Buffer.alloc(FRAME_BYTES_MAX + 1)), /over 1 MiB/)
    const long = changed(encodeFrame(FRAME), 6, [Buffer.alloc(ENTRY_BYTES_MAX + 1), Buffer.of(1)])
    assert.throws(() => decodeFrame(long), /at most 64 KiB/)
  })

  test('mutants never crash a reader, and what is accepted encodes to the same bytes', () => {
    let accepted = 0
    const good = encodeFrame(FRAME)
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, end) => {
        const bytes = Buffer.from(end % 5 === 0 ? good.slice(0, end) : good)
        bytes[at % bytes.length] = byte
        const frame = orMalformed(() => decodeFrame(bytes))
        if (!frame) return
        accepted += 1
        assert.is(Buffer.compare(encodeFrame(frame), bytes), 0)
      }),
      { seed: 78, numRuns: 4_000 }
    )
    assert.ok(accepted > 100, `only ${accepted} mutants were accepted`)
  })
})

/** Seals as `PRINTED` is sealed, but for the padding. */
function sealPadded(body: Uint8Array, padding: Uint8Array) {
  const salt = random(16)
  const nonce = random(12)
  const cipher = createCipheriv('chacha20-poly1305', KEY, nonce, { authTagLength: 16 })
  const plaintext = Buffer.concat([salt, body, padding])
  const { seq, at } = PRINTED
  const place = encode([1, Buffer.from(LOG, 'hex'), seq, at, SHAPES.printed.number])
  cipher.setAAD(place, { plaintextLength: plaintext.length })
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return {
    commitment: sha256(Buffer.concat([salt, body])),
    box: Buffer.concat([nonce, ciphertext, cipher.getAuthTag()])
  }
}

function orMalformed<Result>(step: () => Result): Result | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Whether an open entry that was read writes the bytes it was read from. */
function openBytes(entry: Entry, bytes: Uint8Array): boolean {
  if (isSealedType(SHAPES[entry.type].number)) return true
  return Buffer.compare(entryBytes(entry, SEAL), bytes) === 0
}

/** Buffers and plain byte arrays alike. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item) =>
      item instanceof Uint8Array
        ? Buffer.from(item).toString('hex')
        : item?.type === 'Buffer'
          ? Buffer.from(item.data).toString('hex')
          : item
    )
  )
