import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { sightingFrame, sightingReader } from '../../drivers/radar/sightings.ts'
import { targetFrame, targetReader } from '../../drivers/radar/targets.ts'
import { suite } from '../harness.ts'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')

/** HLK-LD2450 manual, chapter 6, "Example data". */
const LD2450_MANUAL = hex(`AAFF0300 0E03B18610004001 ${'00'.repeat(16)} 55CC`)
/** HLK-LD2410 serial protocol, 2.3.2, the examples of both modes. */
const LD2410_BASIC = hex('F4F3F2F1 0D00 02AA 02 5100 00 0000 3B 0000 5500 F8F7F6F5')
const LD2410_ENGINEERING = hex(
  'F4F3F2F1 2300 01AA 03 1E00 3C 0000 39 0000 08 08 3C2205030304030605 0000391013060608 04 0305' +
    '5500 F8F7F6F5'
)
/** What a module sent with nobody there: it still reports an energy. */
const LD2410_NOBODY = hex('F4F3F2F1 0D00 02AA 00 4500 3E 0000 3A 0000 5500 F8F7F6F5')

suite('LD2450 frames', test => {
  test('the example of the manual', () => {
    const target = { xMm: -782, yMm: 1_713, cmPerSecond: -16 }
    assert.equal(targetReader()(LD2450_MANUAL), [[target]])
  })

  test('nobody there is a frame without targets', () => {
    assert.equal(targetReader()(targetFrame([])), [[]])
  })

  test('what the simulated radar sends is what is read', () => {
    const coordinate = fc.integer({ min: -6_000, max: 6_000 })
    const target = fc
      .record({ xMm: coordinate, yMm: fc.integer({ min: 1, max: 6_000 }), cmPerSecond: coordinate })
      .map(each => ({ ...each, xMm: each.xMm || 0, cmPerSecond: each.cmPerSecond || 0 }))
    fc.assert(
      fc.property(fc.array(target, { maxLength: 3 }), targets => {
        assert.equal(targetReader()(targetFrame(targets)), [targets])
      }),
      { seed: 21 }
    )
  })
})

suite('LD2410 frames', test => {
  for (const [what, frame, cm] of [
    ['somebody at rest, the example of the manual', LD2410_BASIC, 0],
    ['the engineering frame of the manual', LD2410_ENGINEERING, 0],
    ['nobody', LD2410_NOBODY, undefined],
    ['what the simulated radar sends', sightingFrame({ cm: 345 }), 345],
    ['and when nobody is there', sightingFrame({ cm: undefined }), undefined]
  ] as const) {
    test(what, () => assert.equal(sightingReader()(frame), [{ cm }]))
  }

  test('a moving one counts from where it moves, and the nearer of two', () => {
    const frame = (state: string) =>
      hex(`F4F3F2F10D0002AA ${state} 2A0064 200064 0000 5500F8F7F6F5`)
    assert.equal(
      ['01', '02', '03'].map(state => sightingReader()(frame(state))),
      [[{ cm: 42 }], [{ cm: 32 }], [{ cm: 32 }]]
    )
  })

  for (const [what, frame] of [
    ['a length of nothing', 'F4F3F2F1 0000 F8F7F6F5'],
    ['a length of 64 KB', 'F4F3F2F1 FFFF 02AA'],
    ['a state that there is not', 'F4F3F2F1 0D00 02AA 07 5100 00 0000 3B 0000 5500 F8F7F6F5'],
    ['a type that there is not', 'F4F3F2F1 0D00 09AA 02 5100 00 0000 3B 0000 5500 F8F7F6F5'],
    ['an end that is none', 'F4F3F2F1 0D00 02AA 02 5100 00 0000 3B 0000 5500 F8F7F6F4'],
    ['the answer to a command', 'FDFCFBFA 0800 FF01 0000 0100 4000 04030201']
  ] as const) {
    test(`${what} is no frame, and the next one is read`, () => {
      const read = sightingReader()
      assert.equal(read(Buffer.concat([hex(frame), LD2410_NOBODY])), [{ cm: undefined }])
    })
  }
})

const READERS = [
  ['LD2450', targetReader, LD2450_MANUAL],
  ['LD2410', sightingReader, LD2410_BASIC]
] as const

suite('radar frames in bad company', test => {
  for (const [name, reader, frame] of READERS) {
    const good = reader()(frame)

    test(`${name}: in pieces of any size`, () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), sizes => {
          const read = reader()
          const stream = Buffer.concat(Array.from({ length: 20 }, () => frame))
          let heard = 0
          for (let place = 0, turn = 0; place < stream.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1
            heard += read(stream.subarray(place, place + size)).length
            place += size
          }
          assert.is(heard, 20)
        }),
        { seed: 22 }
      )
    })

    test(`${name}: after any garbage that holds no header the next frame is read`, () => {
      const garbage = fc
        .uint8Array({ maxLength: 200 })
        .filter(bytes => !Buffer.from(bytes).includes(frame.subarray(0, 1)))
      fc.assert(
        fc.property(garbage, bytes => {
          assert.equal(reader()(Buffer.concat([bytes, frame])), good)
        }),
        { seed: 23 }
      )
    })

    test(`${name}: a frame that is cut off costs at most the one behind it`, () => {
      for (let cut = 1; cut < frame.length; cut++) {
        const read = reader()
        const heard = read(Buffer.concat([frame.subarray(0, cut), frame, frame, frame]))
        assert.ok(heard.length >= 2, `cut after ${cut}`)
        assert.equal(heard.at(-1), good[0])
      }
    })

    test(`${name}: never throws, whatever comes, and reads on`, () => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(frame.subarray(0, 4), frame.subarray(0, 7), frame.subarray(-4), frame),
        // A header with a length that somebody made up.
        fc
          .uint8Array({ minLength: 2, maxLength: 4 })
          .map(length => Buffer.concat([frame.subarray(0, 4), length]))
      )
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
          const read = reader()
          for (const bytes of pieces) read(bytes)
          const flushed = read(Buffer.alloc(200))
          assert.ok(Array.isArray(flushed))
          assert.equal(read(frame), good)
        }),
        { seed: 24, numRuns: 1_000 }
      )
    })
  }
})
