import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  CODE_CHARS_MAX,
  type CodeReading,
  hasCheckDigit,
  readCode
} from '../../drivers/scanner/code.ts'
import { inputEventBytes, inputEventReader } from '../../drivers/scanner/events.ts'
import { keyMap } from '../../drivers/scanner/keys.ts'
import { KEY_GAP_MS_MAX, type Typed, typist } from '../../drivers/scanner/typing.ts'
import { suite } from '../harness.ts'

const SEED = 24
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** Key 2 ("1") goes down at 1.5 s, as a 64-bit and as a 32-bit kernel write it. */
const STAMP_64 = '0100000000000000 20a1070000000000'
const PRESS_64 = `${STAMP_64} 0100 0200 01000000`
const PRESS_32 = '01000000 20a10700 0100 0200 01000000'
const DROPPED_64 = `${STAMP_64} 0000 0300 00000000`

suite('input events', test => {
  for (const [size, bytes] of [
    [24, PRESS_64],
    [16, PRESS_32]
  ] as const) {
    test(`reads a key of ${size} bytes`, () => {
      const events = inputEventReader(size)(hex(bytes))
      assert.equal(events, [{ event: 'key', atMs: 1_500, key: 2, isDown: true }])
    })
  }

  test('the size follows the processor', () => {
    assert.equal(['arm64', 'x64', 'arm'].map(inputEventBytes), [24, 24, 16])
  })

  test('says that keys were lost, and passes over repeats and what is no key', () => {
    const read = inputEventReader(24)
    assert.equal(read(hex(DROPPED_64)), [{ event: 'dropped' }])
    const held = `${STAMP_64} 0100 0200 02000000`
    const scanCode = `${STAMP_64} 0400 0400 01000000`
    assert.equal(read(hex(`${held} ${scanCode}`)), [])
  })

  for (const size of [16, 24] as const) {
    test(`any bytes, cut anywhere, read the same (${size})`, () => {
      const press = hex(size === 24 ? PRESS_64 : PRESS_32)
      const event = fc.oneof(
        fc.constant(press),
        fc.uint8Array({ minLength: size, maxLength: size })
      )
      const stream = fc.tuple(fc.array(event, { maxLength: 8 }), fc.uint8Array({ maxLength: 30 }))
      let seen = 0
      fc.assert(
        fc.property(stream, fc.nat(200), ([events, tail], cut) => {
          const bytes = Buffer.concat([...events, tail])
          const whole = inputEventReader(size)(bytes)
          const read = inputEventReader(size)
          assert.equal([...read(bytes.subarray(0, cut)), ...read(bytes.subarray(cut))], whole)
          seen += whole.length
        }),
        { seed: SEED }
      )
      assert.ok(seen > 100)
    })
  }
})

type Key = readonly [key: number, isDown: boolean, gapMs?: number]

function typed(layout: 'us' | 'de', keys: readonly Key[]): readonly Typed[] {
  const typing = typist(keyMap(layout))
  let atMs = 0
  return keys.flatMap(([key, isDown, gapMs = 5]) => {
    atMs += gapMs
    return typing.take({ event: 'key', atMs, key, isDown }) ?? []
  })
}

const tap = (...keys: number[]): Key[] =>
  keys.flatMap(key => [
    [key, true],
    [key, false]
  ])
const hold = (held: number, ...keys: Key[]): Key[] => [[held, true], ...keys, [held, false]]
const SHIFT = 42
const ALT_GR = 100
const CTRL = 29
const ENTER = 28
const KEYPAD_ENTER = 96
const TAB = 15

suite('typing', test => {
  test('digits, letters and signs until Enter or Tab', () => {
    const keys = [...hold(SHIFT, ...tap(30)), ...tap(12, 2, 11, 53, ENTER), ...tap(44, TAB)]
    assert.equal(typed('us', keys), [
      { typed: 'text', text: 'A-10/' },
      { typed: 'text', text: 'z' }
    ])
  })

  test('the block of digits', () => {
    const keys = tap(79, 80, 81, 75, 76, 77, 71, 72, 73, 82, KEYPAD_ENTER)
    assert.equal(typed('us', keys), [{ typed: 'text', text: '1234567890' }])
  })

  test('a German keyboard has z and y, / and - elsewhere, and ] behind AltGr', () => {
    const keys = [...tap(21, 44, 53), ...hold(SHIFT, ...tap(8)), ...hold(ALT_GR, ...tap(10))]
    assert.equal(typed('de', [...keys, ...tap(ENTER)]), [{ typed: 'text', text: 'zy-/]' }])
  })

  test('a key that writes nothing, or comes with Ctrl, spoils the text', () => {
    const F1 = 59
    const [one, other] = typed('us', [
      ...tap(2, F1, 3, ENTER),
      ...hold(CTRL, ...tap(27)),
      ...tap(2, ENTER)
    ])
    assert.equal(one, { typed: 'text', text: '1\ufffd2' })
    assert.equal(other, { typed: 'text', text: '\ufffd1' })
  })

  test('half a text is said to be half, and never runs into the next', () => {
    const late: Key = [4, true, KEY_GAP_MS_MAX + 1]
    assert.equal(typed('us', [...tap(2, 3), late, [4, false], ...tap(ENTER)]), [
      { typed: 'half' },
      { typed: 'text', text: '3' }
    ])
  })

  test('what the kernel dropped spoils the text up to its end', () => {
    const typing = typist(keyMap('us'))
    const press = (key: number) => typing.take({ event: 'key', atMs: 0, key, isDown: true })
    press(2)
    typing.take({ event: 'dropped' })
    press(3)
    assert.ok(typing.isWriting())
    assert.equal(press(ENTER), { typed: 'half' })
    // Among what was lost may be that shift was let go.
    press(SHIFT)
    typing.take({ event: 'dropped' })
    press(ENTER)
    press(4)
    assert.equal(press(ENTER), { typed: 'text', text: '3' })
  })

  test('whatever is typed, a text has an end and a bound', () => {
    const key = fc.record({
      event: fc.constant('key' as const),
      atMs: fc.nat(1_000),
      key: fc.oneof(fc.nat(0xffff), fc.constantFrom(ENTER, SHIFT, CTRL, 2, 3, 30)),
      isDown: fc.boolean()
    })
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 200 }),
        fc.constantFrom('us', 'de'),
        (keys, layout) => {
          const typing = typist(keyMap(layout))
          for (const each of keys) {
            const result = typing.take(each)
            if (result?.typed === 'text') assert.ok(result.text.length <= CODE_CHARS_MAX + 1)
          }
        }
      ),
      { seed: SEED }
    )
  })
})

suite('codes', test => {
  const code = (text: string, options: Partial<CodeReading> = {}) => {
    const read = readCode(text, { hasAim: false, isUpcE: false, ...options })
    return 'code' in read ? read.code : `refused: ${read.refused}`
  }

  test('takes what has a right check digit, and what needs none', () => {
    for (const text of ['4006381333931', '96385074', '036000291452', '10614141000415', 'A-1/b c']) {
      assert.is(code(text), text)
    }
  })

  test('a wrong digit is refused, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 9 }), (at, more) => {
        const digits = [...'4006381333931']
        digits[at] = String((Number(digits[at]) + more) % 10)
        assert.is(hasCheckDigit(digits.join('')), false)
        assert.is(code(digits.join('')), 'refused: bad-check-digit')
      }),
      { seed: SEED }
    )
  })

  test('a UPC-E is told as the UPC-A that it is short for', () => {
    for (const [short, long] of [
      ['04252614', '042100005264'],
      ['01234531', '012300000451'],
      ['01234543', '012340000053'],
      ['01234565', '012345000065']
    ] as const) {
      assert.is(code(short, { isUpcE: true }), long)
    }
    // Without word of it, only what can be nothing else.
    assert.is(code('04252614'), '042100005264')
    assert.is(code('01234565'), '01234565')
    assert.is(code('01234532'), 'refused: bad-check-digit')
  })

  test('frames are taken off; control characters inside are never let through', () => {
    assert.is(code('\x02 4006381333931\x03'), '4006381333931')
    for (const text of ['40063\x0081333931', '12\x1b\x70\x0034', 'a\x7fb', 'Grüße', '1\ufffd2']) {
      assert.is(code(text), 'refused: unprintable')
    }
    assert.is(code('\x02\x03'), 'refused: empty')
  })

  test('takes off the AIM identifier where the scanner sends one', () => {
    assert.is(code(']E04006381333931', { hasAim: true }), '4006381333931')
    assert.is(code(']E04006381333931'), ']E04006381333931')
  })

  test('refuses what is longer than a catalogue can hold', () => {
    assert.is(code('x'.repeat(CODE_CHARS_MAX)).length, CODE_CHARS_MAX)
    assert.is(code('x'.repeat(CODE_CHARS_MAX + 1)), 'refused: too-long')
  })

  test('whatever comes, a code is printable and short', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }))
    fc.assert(
      fc.property(text, fc.boolean(), (text, hasAim) => {
        const read = readCode(text, { hasAim, isUpcE: hasAim })
        if ('code' in read) assert.match(read.code, /^[\x20-\x7e]{1,48}$/)
      }),
      { seed: SEED, numRuns: 1_000 }
    )
  })
})
