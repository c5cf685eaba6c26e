import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { mtSicsReader } from '../../drivers/scale/mt-sics.ts'
import { nciReader } from '../../drivers/scale/nci.ts'
import type { ReplyReader, ScaleReply } from '../../drivers/scale/reply.ts'
import { milligramsOf } from '../../drivers/scale/weight.ts'
import { suite } from '../harness.ts'

const SEED = 1_824
const read = (open: () => ReplyReader, text: string) => open()(Buffer.from(text, 'latin1'))
const weight = (milligrams: number, isStable: boolean): ScaleReply => ({
  reply: 'weight',
  milligrams,
  isStable
})
const stable = (milligrams: number) => weight(milligrams, true)
const moving = (milligrams: number) => weight(milligrams, false)

suite('weights', test => {
  test('every unit, exactly', () => {
    for (const [written, unit, milligrams] of [
      ['    100.00', 'g', 100_000],
      ['   0.125', 'kg', 125_000],
      [' 1.2345678', 'kg', undefined],
      ['  1.234567', 'kg', 1_234_567],
      // 0.1 + 0.2 and 4.35 are where floating point shows.
      ['0.3', 'kg', 300_000],
      ['4.35', 'g', 4_350],
      ['1', 'lb', 453_592],
      ['100', 'lb', 45_359_237],
      ['1.000', 'oz', 28_350],
      ['-  0.020', 'KG', -20_000],
      ['- 0.000', 'kg', 0],
      ['', 'g', undefined],
      ['.', 'g', undefined],
      ['1', 'stone', undefined]
    ] as const) {
      assert.ok(Object.is(milligramsOf(written, unit), milligrams), `${written} ${unit}`)
    }
  })

  test('grams with three places and kilograms with six are the same number', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), milligrams => {
        const digits = String(milligrams).padStart(7, '0')
        const grams = `${digits.slice(0, -3)}.${digits.slice(-3)}`
        const kilograms = `${digits.slice(0, -6)}.${digits.slice(-6)}`
        assert.is(milligramsOf(grams, 'g'), milligrams)
        assert.is(milligramsOf(kilograms, 'kg'), milligrams)
      }),
      { seed: SEED }
    )
  })
})

suite('MT-SICS replies', test => {
  test("the manual's own lines", () => {
    for (const [line, reply] of [
      ['S S     100.00 g', stable(100_000)],
      ['S S   0.125 kg', stable(125_000)],
      ['S D    -12.500 g', moving(-12_500)],
      ['S I', { reply: 'busy' }],
      ['S +', { reply: 'overload' }],
      ['S -', { reply: 'underload' }],
      ['ES', { reply: 'not-understood' }],
      ['ET', { reply: 'noise' }],
      ['EL', { reply: 'not-understood' }],
      // Other commands' answers, and a weight without its end.
      ['I4 A "0123456789"', { reply: 'noise' }],
      ['S S     100.00', { reply: 'noise' }]
    ] as const) {
      assert.equal(read(mtSicsReader, `${line}\r\n`), [reply], line)
    }
  })
})

suite('NCI replies', test => {
  test("the manuals' own frames", () => {
    for (const [frame, reply] of [
      // 7800 manual p. 32: two status bytes, at rest and in motion.
      ['\n0012.50lb\r\n00\r\x03', stable(5_669_905)],
      ['\n0000.45kg\r\n10\r\x03', moving(450_000)],
      // Ohaus: an S before them; Brecknell: grams between blanks.
      ['\n 1.250kg\r\nS00\r\x03', stable(1_250_000)],
      ['\n 0250g \r\n20\r\x03', stable(250_000)],
      // 6702 manual p. 14: a third byte follows where bit 6 of the second is set.
      ['\n 0.500kg\r\n0p4\r\x03', stable(500_000)],
      ['\n-0.020kg\r\n01\r\x03', { reply: 'underload' }],
      ['\n^^^^^^kg\r\n02\r\x03', { reply: 'overload' }],
      ['\n______kg\r\n01\r\x03', { reply: 'underload' }],
      ['\n------kg\r\n00\r\x03', { reply: 'not-zeroed' }],
      ['\n 0.500kg\r\n80\r\x03', { reply: 'broken' }],
      ['\n 0.500kg\r\n08\r\x03', { reply: 'broken' }],
      ['\n02\r\x03', { reply: 'overload' }],
      ['\n?\r\x03', { reply: 'not-understood' }],
      ['\n 0.500kg\r\x03', { reply: 'noise' }]
    ] as const) {
      assert.equal(read(nciReader, frame), [reply], JSON.stringify(frame))
    }
  })
})

for (const [name, open, lure, good] of [
  ['MT-SICS', mtSicsReader, ['S S ', '1.0', ' g', '\r\n', 'S D', '+'], '\r\nS S 1.5 g\r\n'],
  ['NCI', nciReader, ['\n', '1.0', 'kg', '\r', 'S00', '\x03'], '\x03\n1.5g\r\n00\r\x03']
] as const) {
  suite(`${name} replies, cut and in noise`, test => {
    test('read the same however they are cut, and well again behind any noise', () => {
      const noise = fc.array(
        fc.oneof(fc.constantFrom(...lure), fc.string({ unit: 'binary', maxLength: 80 })),
        { maxLength: 20 }
      )
      fc.assert(
        fc.property(noise, fc.nat(200), (parts, cut) => {
          const bytes = Buffer.from(parts.join(''), 'latin1')
          const reader = open()
          const whole = open()(bytes)
          assert.equal([...reader(bytes.subarray(0, cut)), ...reader(bytes.subarray(cut))], whole)
          assert.equal(reader(Buffer.from(good, 'latin1')).at(-1), stable(1_500))
        }),
        { seed: SEED, numRuns: 1_000 }
      )
    })

    test('a flood without an end is noise, a little of it kept', () => {
      const replies = read(open, 'x'.repeat(10_000))
      assert.ok(replies.length > 100)
      assert.ok(replies.every(({ reply }) => reply === 'noise'))
    })
  })
}
