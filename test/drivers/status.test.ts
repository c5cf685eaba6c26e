import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { faultOf, type Reply, replyReader, statusOfAnswers } from '../../drivers/printer/status.ts'
import { suite } from '../harness.ts'

const read = (...bytes: number[]) => replyReader()(Uint8Array.from(bytes))
const FENCE = [0x37, 0x22, 0x61, 0x62, 0x63, 0x64, 0]
const LURES = [0x37, 0x22, 0x10, 0x12, 0x00]
const SEED = 9100

suite('printer replies', test => {
  test('tells the four kinds apart', () => {
    const kinds = read(0x12, ...FENCE, 0x10, 0, 0, 0x0f, 0x03).map(({ reply }) => reply)
    assert.equal(kinds, ['status', 'fence', 'change', 'reached'])
    assert.equal(read(...FENCE), [{ reply: 'fence', id: 'abcd' }])
  })

  test('reads the faults of DLE EOT', () => {
    const fault = (...answers: number[]) => faultOf(statusOfAnswers(answers))
    assert.is(fault(0x12, 0x12, 0x12, 0x12), undefined)
    assert.is(fault(0x1a, 0x16, 0x12, 0x12), 'cover-open')
    assert.is(fault(0x1a, 0x32, 0x12, 0x72), 'paper-out')
    assert.is(fault(0x1a, 0x52, 0x1a, 0x12), 'cutter')
    assert.is(fault(0x1a, 0x52, 0x32, 0x12), 'printer-error')
    assert.is(fault(0x1a, 0x12, 0x12, 0x12), 'offline')
    assert.ok(statusOfAnswers([0x12, 0x12, 0x12, 0x1e]).isPaperLow)
  })

  test('reads the faults of GS a', () => {
    const fault = (...bytes: number[]) => {
      const [reply] = read(...bytes)
      return reply?.reply === 'change' ? faultOf(reply.status) : 'none'
    }
    assert.is(fault(0x14, 0, 0, 0x0f), undefined)
    assert.is(fault(0x38, 0, 0, 0x0f), 'cover-open')
    assert.is(fault(0x18, 0, 0x0f, 0x0f), 'paper-out')
    assert.is(fault(0x18, 0x08, 0, 0x0f), 'cutter')
  })

  test('a reply that breaks off never swallows the next one', () => {
    assert.equal(read(0x37, 0x22, 0x61, ...FENCE), [{ reply: 'fence', id: 'abcd' }])
    assert.equal(
      read(0x10, 0, 0x12).map(({ reply }) => reply),
      ['status']
    )
  })

  test('reads the same however the bytes are cut, and a fence behind any noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (random, cut) => {
        // Half of it pieces of real replies, which random bytes hardly ever form.
        const noise = random.map(byte => (byte < 128 ? byte : (LURES[byte % LURES.length] ?? 0)))
        const whole = replyReader()(noise)
        const reader = replyReader()
        const parts: Reply[] = [...reader(noise.subarray(0, cut)), ...reader(noise.subarray(cut))]
        assert.equal(parts, whole)
        const fenced = replyReader()(Uint8Array.from([...noise, ...FENCE]))
        assert.equal(fenced.at(-1), { reply: 'fence', id: 'abcd' })
      }),
      { seed: SEED, numRuns: 2_000 }
    )
  })
})
