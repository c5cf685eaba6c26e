import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { LINE_BYTES_MAX, lineReader } from '../../drivers/serial/lines.ts'
import { suite } from '../harness.ts'

suite('lines of a serial port', test => {
  test('CR, LF and both end a line; empty ones are left out', async () => {
    assert.equal(await read(['a\nb\rc\r\nd\n\n\r\ne']), {
      lines: ['a', 'b', 'c', 'd'],
      overlong: 0
    })
  })

  test('a line comes in any pieces', async () => {
    const text = 'IN=12 OUT=7\r\nIN=13 OUT=7\r\n'
    for (let cut = 0; cut <= text.length; cut++) {
      const { lines } = await read([text.slice(0, cut), text.slice(cut)])
      assert.equal(lines, ['IN=12 OUT=7', 'IN=13 OUT=7'])
    }
  })

  test('a line of the longest length is read, a longer one is told once and left out', async () => {
    const longest = 'x'.repeat(LINE_BYTES_MAX)
    assert.equal(await read([`${longest}\nnext\n`]), { lines: [longest, 'next'], overlong: 0 })
    assert.equal(await read([`${longest}y\nnext\n`]), { lines: ['next'], overlong: 1 })
    const pieces = Array.from({ length: 50 }, () => 'z'.repeat(1_000))
    assert.equal(await read([...pieces, 'end\nnext\n']), { lines: ['next'], overlong: 1 })
  })

  test('agrees with cutting the whole text at its ends, in any pieces', async () => {
    const piece = fc.stringMatching(/^[ab\r\n]{0,40}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async pieces => {
        const whole = pieces.join('')
        const ended = whole.slice(0, Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1)
        assert.equal(
          (await read(pieces)).lines,
          ended.split(/[\r\n]/).filter(line => line !== '')
        )
      }),
      { seed: 31, numRuns: 300 }
    )
  })

  test('26 MB without an end are thrown away as they come', () => {
    // The parser by itself keeps all of it and takes seconds of processor time.
    let overlong = 0
    const take = lineReader({
      onLine: () => assert.unreachable(),
      onOverlong: () => (overlong += 1)
    })
    const chunk = Buffer.alloc(4_096, 0x41)
    const before = process.cpuUsage()
    for (let turn = 0; turn < 26 * 256; turn++) take(chunk)
    const { user, system } = process.cpuUsage(before)
    assert.is(overlong, 1)
    assert.ok(user + system < 1_000_000, `${(user + system) / 1_000} ms`)
  })
})

async function read(pieces: readonly string[]) {
  const lines: string[] = []
  let overlong = 0
  const take = lineReader({
    onLine: line => void lines.push(line),
    onOverlong: () => {
      overlong += 1
    }
  })
  for (const piece of pieces) take(Buffer.from(piece))
  await new Promise(resolve => setImmediate(resolve))
  return { lines, overlong }
}
