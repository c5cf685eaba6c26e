import * as fc from 'fast-check'
import { generate } from 'mqtt-packet'
import * as assert from 'uvu/assert'
import { watchLengths } from '../../broker/lengths.ts'
import { suite } from '../harness.ts'

const publish = (size: number): Buffer =>
  generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(size, 0xff),
    qos: 0,
    dup: false,
    retain: false
  })

suite('packet lengths', test => {
  test('tells the first packet that is too long, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 400 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 50 }),
        (sizes, step) => {
          const bytes = Buffer.concat(sizes.map(publish))
          const told: number[] = []
          const watch = watchLengths({ bytesMax: 200, tooLarge: length => told.push(length) })
          for (let at = 0; at < bytes.length && told.length === 0; at += step) {
            watch(bytes.subarray(at, at + step))
          }
          const long = sizes.map(size => size + 3).filter(length => length > 200)
          assert.equal(told, long.slice(0, 1))
        }
      )
    )
  })

  test('tells it before any of it has come', () => {
    const told: number[] = []
    const watch = watchLengths({ bytesMax: 262_144, tooLarge: length => told.push(length) })
    watch(Buffer.from([0x30, 0xff, 0xff, 0xff]))
    assert.equal(told, [])
    watch(Buffer.from([0x7f]))
    assert.equal(told, [268_435_455])
  })
})
