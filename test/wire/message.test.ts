import { readFileSync, writeFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { LogId } from '../../node/core/id.ts'
import type { Data, Message } from '../../node/core/share/message.ts'
import { CHUNK, cut, openJoiner, PIECE_BYTES } from '../../node/mesh/pieces.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import {
  decodeMessage,
  decodePiece,
  encodeMessage,
  encodePiece,
  isMessageKind,
  MESSAGE_BYTES_MAX,
  type MessageKind,
  ROWS_MAX
} from '../../node/wire/message.ts'
import { suite } from '../harness.ts'

/** `kind` is that of the topic; `means` is what a reader makes of an accepted case. */
interface Golden {
  readonly name: string
  readonly kind: string
  readonly expect: string
  readonly given: string
  readonly means?: unknown
}

const FILE = 'test/vectors/mesh.json'
const LOG = 'b62e867fa2f33afe' as LogId
const OTHER = '00112233445566ff' as LogId
const sizes = [
  { log: LOG, size: 4 },
  { log: OTHER, size: 70_000 }
]
const digest = Buffer.alloc(32, 5)
const hello: Message = { kind: 'hello', oldest: 1, newest: 2, session: 1_048_577, digest }
const note: Message = { kind: 'note', version: 1, sizes }
const want: Message = { kind: 'want', version: 1, id: 7, sizes }
const frames = [Buffer.from('a frame'), Buffer.from('another')]
const answer: Data = { kind: 'data', version: 1, answers: 7, frames }

suite('messages', test => {
  test('golden vectors are taken or refused as they say, and mean what they say', () => {
    const cases = JSON.parse(readFileSync(FILE, 'utf8')) as readonly Golden[]
    assert.ok(cases.length > 20)
    for (const golden of cases) assert.equal(judged(golden), golden, golden.name)
  })

  test('the same words make the same bytes today (UPDATE_VECTORS=1 writes them anew)', () => {
    const made = goldens().map(golden => {
      const read = judged(golden)
      assert.is(read.expect, golden.expect, golden.name)
      return read
    })
    if (process.env['UPDATE_VECTORS']) writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`)
    assert.equal(made, JSON.parse(readFileSync(FILE, 'utf8')))
  })

  test('each is read as it was written (seed 11)', () => {
    fc.assert(
      fc.property(message, each => {
        const read = decodeMessage(each.kind, encodeMessage(each))
        assert.equal(plain(read), plain(each))
      }),
      { seed: 11 }
    )
  })

  test('any bytes are a message or malformed, never a bug (seed 12)', () => {
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        try {
          decodeMessage(kind, bytes)
        } catch (error) {
          assert.instance(error, Malformed)
        }
      }),
      { seed: 12, numRuns: 2_000 }
    )
  })

  test('one byte changed is another message or none, never a bug (seed 13)', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (each, at, to) => {
        const bytes = Buffer.from(encodeMessage(each))
        bytes[at % bytes.length] = to
        try {
          decodeMessage(each.kind, bytes)
        } catch (error) {
          assert.instance(error, Malformed)
        }
      }),
      { seed: 13, numRuns: 2_000 }
    )
  })

  test('nothing longer than the longest frame in a message is looked at', () => {
    assert.throws(() => decodeMessage('data', Buffer.alloc(MESSAGE_BYTES_MAX + 1)), /too long/)
    const logs = encode([1, many(ROWS_MAX + 1)])
    assert.throws(() => decodeMessage('note', logs), /over 4096 logs/)
  })

  test('what repeats itself travels deflated', () => {
    const frames = Array.from({ length: 20 }, () => Buffer.alloc(500, 3))
    const bytes = encodeMessage({ kind: 'data', version: 1, answers: null, frames })
    assert.ok(bytes.length < 500)
    const read = decodeMessage('data', bytes)
    assert.is(read.kind === 'data' && read.frames.length, 20)
  })

  test('what is small only until it is inflated is refused', () => {
    const bomb = encode([1, null, deflateRawSync(Buffer.alloc(64 << 20))])
    assert.ok(bomb.length < 100_000)
    assert.throws(() => decodeMessage('data', bomb), /too long when inflated/)
  })
})

suite('WIRE.md 7', test => {
  test('its example is a golden vector', () => {
    const page = readFileSync('node/wire/WIRE.md', 'utf8')
    const dump = page.slice(page.indexOf('## 7.')).split('```')[1] ?? ''
    const digits = dump
      .split('\n')
      .map(line => /^ *((?:[0-9a-f]{2,} )*[0-9a-f]{2,}) {2}/.exec(line)?.[1] ?? '')
    assert.is(digits.join('').replaceAll(' ', ''), Buffer.from(encodeMessage(note)).toString('hex'))
  })
})

suite('pieces', test => {
  const long = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255))

  test('a long message comes out as it went in', () => {
    const joiner = openJoiner()
    const parts = cut('data', long, 3)
    assert.is(parts.length, 3)
    const joined = parts.map(part => joiner.add(part))
    assert.equal(joined.slice(0, 2), [undefined, undefined])
    assert.is(joined[2]?.kind, 'data')
    assert.ok(long.equals(joined[2]?.bytes ?? Buffer.of()))
  })

  test('a piece that was lost, doubled or comes late costs that message only', () => {
    const [a, b, c] = cut('data', long, 1)
    const next = cut('data', long, 2)
    for (const bad of [[a, c], [b, c], [a, a, b], [a, next[1], c], [c]]) {
      const joiner = openJoiner()
      for (const part of bad) assert.is(joiner.add(part ?? Buffer.of()), undefined)
      const joined = next.map(part => joiner.add(part))
      assert.ok(long.equals(joined.at(-1)?.bytes ?? Buffer.of()))
    }
  })

  test('no more is gathered than the longest message takes', () => {
    const piece = { kind: 'data', id: 1, index: 0 } as const
    const many = encodePiece({ ...piece, count: 1_000_000, bytes: Buffer.alloc(10) })
    const fat = encodePiece({ ...piece, count: 2, bytes: Buffer.alloc(PIECE_BYTES + 1) })
    for (const part of [many, fat]) assert.throws(() => openJoiner().add(part), /more or longer/)
  })
})

function goldens(): readonly Golden[] {
  const accepted: [name: string, message: Message][] = [
    ['a hello of a program that speaks versions 1 and 2', hello],
    ['a note of two logs', note],
    ['a want of two logs', want],
    ['the answer to a want', answer],
    ['news that nobody asked for', { ...answer, answers: null }],
    ['the answer of a stall that has none of it', { ...answer, frames: [] }],
    ['a question whether both hold the same', { kind: 'digest', version: 1, digest, sizes: null }],
    ['a whole vector', { kind: 'digest', version: 1, digest, sizes }]
  ]
  const edit = (message: Message, place: number, to: Value) =>
    encode((decode(encodeMessage(message)) as Value[]).with(place, to))
  const plainFrames = encode(frames)
  const refused: [name: string, kind: string, bytes: Uint8Array, reason: string][] = [
    ['a hello without a digest', 'hello', encode([1, 2, 3]), 'not 4 fields'],
    ['a hello with a short digest', 'hello', edit(hello, 3, Buffer.alloc(31)), 'not 32 bytes'],
    ['a hello before the first', 'hello', edit(hello, 2, -1), 'not a whole number from 0'],
    ['a log without its size', 'note', edit(note, 1, [Buffer.alloc(8)]), 'not logs and sizes'],
    ['a log of seven bytes', 'note', edit(note, 1, [Buffer.alloc(7), 1]), 'not 8 bytes'],
    ['frames that are no bytes', 'data', edit(answer, 2, ['text']), '0: not bytes'],
    [
      'frames that do not inflate',
      'data',
      edit(answer, 2, Buffer.of(255)),
      'not deflated, or too long when inflated'
    ],
    [
      'two values',
      'want',
      Buffer.concat([encodeMessage(want), Buffer.of(0)]),
      'more bytes after the value'
    ],
    [
      'a piece past the last one',
      CHUNK,
      encode([1, 2, 2, 'data', Buffer.of()]),
      'a piece past the last one'
    ],
    [
      'a piece of a piece',
      CHUNK,
      encode([1, 0, 2, CHUNK, Buffer.of()]),
      'a piece of an unknown kind'
    ]
  ]
  return [
    ...accepted.map(([name, each]) => golden(name, each.kind, encodeMessage(each))),
    golden('a note with a place that a newer program knows', 'note', longer(note)),
    golden('a hello with one', 'hello', longer(hello)),
    golden('deflated frames, as one stored block', 'data', edit(answer, 2, stored(plainFrames))),
    golden(
      'a piece',
      CHUNK,
      encodePiece({ kind: 'data', id: 9, index: 1, count: 2, bytes: digest })
    ),
    ...refused.map(([name, kind, bytes, expect]) => ({ ...golden(name, kind, bytes), expect }))
  ]
}

const many = (count: number): Value[] =>
  Array.from({ length: count }, (_, at) => [Buffer.alloc(8, at), 1]).flat()

const longer = (message: Message) =>
  encode([...(decode(encodeMessage(message)) as Value[]), 'newer'])

/** RFC 1951 3.2.4: a last block that is stored as it is. */
function stored(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5)
  head[0] = 1
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(~bytes.length & 0xffff, 3)
  return Buffer.concat([head, bytes])
}

const golden = (name: string, kind: string, bytes: Uint8Array): Golden => ({
  name,
  kind,
  expect: 'accept',
  given: Buffer.from(bytes).toString('hex')
})

function judged({ name, kind, given }: Golden): Golden {
  const bytes = Buffer.from(given, 'hex')
  try {
    const means = kind === CHUNK ? decodePiece(bytes) : decodeMessage(kindOf(kind), bytes)
    return { name, kind, expect: 'accept', given, means: plain(means) }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { name, kind, expect: error.reason, given }
  }
}

function kindOf(kind: string): MessageKind {
  if (!isMessageKind(kind)) throw new TypeError(`"${kind}" is no kind of message`)
  return kind
}

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key, item) {
      const field = this[key]
      return field instanceof Uint8Array ? Buffer.from(field).toString('hex') : item
    })
  )

const log = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map(bytes => Buffer.from(bytes).toString('hex') as LogId)
const rows = fc.array(fc.record({ log, size: fc.maxSafeNat() }), { maxLength: 40 })
const uint = fc.maxSafeNat()
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const kinds = fc.constantFrom<MessageKind>('hello', 'note', 'want', 'data', 'digest')
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    oldest: uint,
    newest: uint,
    session: uint,
    digest: hash
  }),
  fc.record({ kind: fc.constant('note' as const), version: uint, sizes: rows }),
  fc.record({ kind: fc.constant('want' as const), version: uint, id: uint, sizes: rows }),
  fc.record({
    kind: fc.constant('data' as const),
    version: uint,
    answers: fc.option(uint),
    frames: fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 })
  }),
  fc.record({
    kind: fc.constant('digest' as const),
    version: uint,
    digest: hash,
    sizes: fc.option(rows)
  })
)
