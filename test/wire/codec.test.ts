import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { decode as readApart } from '../../node/pages/check/cbor.ts'
import { DEPTH_MAX, Malformed } from '../../node/wire/canonical.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import { suite } from '../harness.ts'
import { testVectors } from '../shared-vectors.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const unhex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const isRangeError = (error: unknown) => error instanceof RangeError
const isTypeError = (error: unknown) => error instanceof TypeError
const reasonOf = (bytes: Uint8Array): string => {
  try {
    decode(bytes)
    return 'accepted'
  } catch (error) {
    if (error instanceof Malformed) return error.reason
    throw error
  }
}

const noMark = (text: string) => text.replace(/^\ufeff+/, '')
const key = fc.oneof(
  fc.integer(),
  fc.string({ unit: 'grapheme' }).map(noMark),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })
)
const value = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 70_000 }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.string({ unit: 'binary', maxLength: 100 }).map(noMark),
    fc.string({ maxLength: 300 }).map(noMark),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.array(fc.tuple(key, tie('value'))).map(rows => new Map(rows))
  )
})).value

/** One way to hold a value: small bigints as numbers, buffers as plain bytes, maps sorted. */
function normal(given: Value): unknown {
  if (given instanceof Uint8Array) return { bytes: hex(given) }
  if (given instanceof Map) {
    const rows = [...given].map(([name, item]) => [hex(encode(name)), normal(item)] as const)
    return { map: rows.toSorted(([a], [b]) => (a < b ? -1 : 1)) }
  }
  if (Array.isArray(given)) return given.map(normal)
  return typeof given === 'bigint' || typeof given === 'number' ? `${given}` : given
}

suite('codec', test => {
  test('what is encoded decodes to itself', () => {
    fc.assert(
      fc.property(value, value => {
        assert.equal(normal(decode(encode(value))), normal(value))
      }),
      { seed: 8949, numRuns: 1_000 }
    )
  })

  test('a reader and a writer that share no code with cbor-x say the same', () => {
    fc.assert(
      fc.property(value, value => {
        const bytes = encode(value)
        assert.is(hex(bytes), hex(written(value)))
        assert.equal(normal(readApart(bytes) as Value), normal(value))
      }),
      { seed: 8949, numRuns: 1_000 }
    )
  })

  test('each value has one encoding: what is accepted encodes to the bytes it came from', () => {
    let accepted = 0
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(255), (value, any, byte) => {
        const bytes = Buffer.from(encode(value))
        bytes[any % bytes.length] = byte
        const isAccepted = reasonOf(bytes) === 'accepted'
        assert.is(isAccepted, isReadApart(bytes), hex(bytes))
        if (!isAccepted) return
        accepted += 1
        assert.is(hex(encode(decode(bytes))), hex(bytes))
      }),
      { seed: 4096, numRuns: 5_000 }
    )
    assert.ok(accepted > 500, `only ${accepted} mutants were accepted`)
  })

  const refused: readonly [hex: string, reason: string][] = [
    ['', 'ends in the middle'],
    ['00 00', 'more bytes after the value'],
    ['18 17', 'not the shortest form'],
    ['19 00ff', 'not the shortest form'],
    ['1a 0000ffff', 'not the shortest form'],
    ['1b 00000000ffffffff', 'not the shortest form'],
    ['18', 'ends in the middle'],
    ['1b 01020304', 'ends in the middle'],
    ['1c', 'a reserved head'],
    ['3b 8000000000000000', 'an integer below -2^63'],
    ['58 20 00', 'longer than the bytes'],
    ['9b 0000001000000000', 'longer than the bytes'],
    ['62 c328', 'text that is not UTF-8'],
    ['63 eda080', 'text that is not UTF-8'],
    ['62 c080', 'text that is not UTF-8'],
    ['63 efbbbf', 'text that begins with a byte order mark'],
    [`78 18 efbbbf${'61'.repeat(21)}`, 'text that begins with a byte order mark'],
    ['9f ff', 'no length given'],
    ['7f ff', 'no length given'],
    ['a2 01 00 01 00', 'keys out of order or twice'],
    ['a2 02 00 01 00', 'keys out of order or twice'],
    ['a2 61 61 00 01 00', 'keys out of order or twice'],
    ['a1 40 00', 'a key that is neither integer nor text'],
    ['a1 f6 00', 'a key that is neither integer nor text'],
    ['c0 00', 'a tag'],
    ['f7', 'a float or unknown simple value'],
    ['f8 ff', 'a float or unknown simple value'],
    ['f9 3c00', 'a float or unknown simple value'],
    ['fb 3ff0000000000000', 'a float or unknown simple value'],
    ['ff', 'a float or unknown simple value'],
    [`${'81'.repeat(DEPTH_MAX + 1)}00`, `nested deeper than ${DEPTH_MAX}`]
  ]
  for (const [digits, reason] of refused) {
    test(`refuses ${digits.slice(0, 30) || 'no bytes'}: ${reason}`, () => {
      assert.is(reasonOf(unhex(digits)), reason)
    })
  }

  test('says at which byte the trouble is', () => {
    try {
      decode(unhex('83 01 02 f7'))
      assert.unreachable()
    } catch (error) {
      assert.ok(error instanceof Malformed)
      assert.is(error.offset, 3)
    }
  })

  test('refuses to write what it would not read', () => {
    assert.throws(() => encode(1.5), isRangeError)
    assert.throws(() => encode(2 ** 53), isRangeError)
    assert.throws(() => encode(2n ** 64n), isRangeError)
    assert.throws(() => encode(-(2n ** 63n) - 1n), isRangeError)
    assert.throws(() => encode('\ud800'), isTypeError)
    assert.throws(() => encode('\ufeffbao'), isTypeError)
    assert.throws(() => encode(new Map([['\ufeffbao', 0]])), isTypeError)
    assert.throws(() => encode('a long text with half of a pair \udc00'), isTypeError)
    assert.throws(
      () =>
        encode(
          new Map([
            [1n, 0],
            [1, 0]
          ] as [number | bigint, Value][])
        ),
      TypeError
    )
    const deep = Array.from({ length: DEPTH_MAX + 1 }).reduce<Value>(inner => [inner], 0)
    assert.throws(() => encode(deep), isRangeError)
    assert.is(hex(encode([1, 'after a failure'])), `82016f${hex(Buffer.from('after a failure'))}`)
  })

  test('integers come as numbers where those are exact, in whatever company', () => {
    const safe = [2 ** 32, -(2 ** 32) - 1, 2 ** 53 - 1, 1 - 2 ** 53]
    const big = [2n ** 53n, -(2n ** 53n), 2n ** 64n - 1n, -(2n ** 63n)]
    assert.equal(decode(encode(safe)), safe)
    assert.equal(decode(encode([...safe, ...big, [2 ** 40]])), [...safe, ...big, [2 ** 40]])
    const map = new Map<number | bigint, Value>([
      [2 ** 40, new Map([[-(2 ** 40), 2 ** 41]])],
      [2n ** 60n, 0]
    ])
    assert.equal(decode(encode(map)), map)
  })

  test('text of any length and script comes back whole', () => {
    for (const unit of ['a', 'é', '包', '🥟', '\ufeff']) {
      for (const count of [1, 7, 15, 16, 20, 23, 24, 31, 32, 63, 64, 65, 85, 255, 256, 65_536]) {
        const text = `-${unit.repeat(count)}`
        assert.ok(decode(encode(text)) === text, `${count} of ${unit}`)
        // After another text and before one, for a decoder may take several from one piece.
        assert.equal(decode(encode(['', text, 'b'])), ['', text, 'b'])
      }
    }
  })

  test('byte strings are views of what was read, which is left as it was', () => {
    const bytes = Buffer.from(encode([Buffer.from('bao'), 2n ** 60n]))
    const [part] = decode(bytes) as [Uint8Array]
    bytes.write('tea', 2)
    assert.is(Buffer.from(part).toString(), 'tea')
    assert.equal(Object.keys(bytes), Object.keys(Buffer.from(bytes)))
  })

  test('what was encoded stays as it was when more is encoded', () => {
    const first = encode(['bao', 1])
    const before = hex(first)
    for (let size = 1; size < 3_000_000; size *= 7) encode(Buffer.alloc(size, 255))
    assert.is(hex(first), before)
    assert.ok(first.buffer.byteLength < 100_000, 'a few bytes hold a large buffer in memory')
  })

  testVectors<Example[]>(test, 'cbor/appendix_a.json', 'RFC 8949 appendix A', examples => {
    const reasons = new Map<string, number>()
    for (const { hex: digits } of examples) {
      const reason = reasonOf(unhex(digits))
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      if (reason === 'accepted') assert.is(hex(encode(decode(unhex(digits)))), digits)
    }
    // All that the profile leaves out, by the reason that it gives.
    assert.equal(Object.fromEntries(reasons), {
      accepted: 36,
      'a tag': 8,
      'an integer below -2^63': 1,
      'a float or unknown simple value': 26,
      'no length given': 11
    })
  })

  testVectors<Example[]>(
    test,
    'cbor/appendix_a.json',
    'appendix A means what it says',
    examples => {
      for (const { hex: digits, decoded } of examples) {
        if (decoded === undefined || reasonOf(unhex(digits)) !== 'accepted') continue
        const read = decode(unhex(digits))
        // JSON has no integers past 2^53 and no keys but text; those are compared by their bytes.
        if (typeof read === 'bigint') continue
        assert.equal(JSON.parse(JSON.stringify(read, asJson)), decoded, digits)
      }
    }
  )
})

interface Example {
  readonly hex: string
  readonly roundtrip: boolean
  readonly decoded?: unknown
}

const asJson = (_: string, item: unknown) => (item instanceof Map ? Object.fromEntries(item) : item)

function isReadApart(bytes: Uint8Array): boolean {
  try {
    readApart(bytes)
    return true
  } catch {
    return false
  }
}

/** RFC 8949 4.2.1 word for word, with no thought for speed. */
function written(given: Value): Buffer {
  if (given === null) return Buffer.of(0xf6)
  if (typeof given === 'boolean') return Buffer.of(given ? 0xf5 : 0xf4)
  if (typeof given === 'string') return Buffer.concat([head(3, utf8(given).length), utf8(given)])
  if (given instanceof Uint8Array) return Buffer.concat([head(2, given.length), given])
  if (given instanceof Map) {
    const rows = [...given].map(([name, item]) => [written(name), written(item)] as const)
    const sorted = rows.toSorted(([a], [b]) => Buffer.compare(a, b))
    return Buffer.concat([head(5, rows.length), ...sorted.flat()])
  }
  if (Array.isArray(given)) return Buffer.concat([head(4, given.length), ...given.map(written)])
  const integer = BigInt(given as number | bigint)
  return integer < 0n ? head(1, -1n - integer) : head(0, integer)
}

const utf8 = (text: string) => Buffer.from(text, 'utf8')

function head(major: number, argument: number | bigint): Buffer {
  const size = [24, 2 ** 8, 2 ** 16, 2 ** 32, 2 ** 64].findIndex(limit => argument < limit)
  if (size === 0) return Buffer.of((major << 5) | Number(argument))
  const digits = argument.toString(16).padStart(2 ** size, '0')
  return Buffer.concat([Buffer.of((major << 5) | (23 + size)), unhex(digits)])
}
