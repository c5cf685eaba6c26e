import { Duplex } from 'node:stream'
import * as assert from 'uvu/assert'
import { createCoalescer } from '../../broker/writes.ts'
import { suite } from '../harness.ts'

const BYTES_MAX = 100_000

/** A socket whose kernel takes a write when told to. */
function openSocket() {
  const writes: Buffer[] = []
  const taking: (() => void)[] = []
  const socket = new Duplex({
    read() {},
    write(bytes, _encoding, done) {
      writes.push(bytes)
      taking.push(done)
    }
  })
  const take = async () => {
    while (taking.length > 0) {
      taking.shift()?.()
      await new Promise(setImmediate)
    }
  }
  return { socket, writes, take }
}

suite('writes', test => {
  test('of one turn of the loop leave as one, in order', async () => {
    const { socket, writes } = openSocket()
    const outbound = createCoalescer()(socket, BYTES_MAX)
    for (const letter of 'abc') outbound.write(Buffer.from(letter))
    assert.is(socket.write('d'), true)
    assert.equal([writes.length, outbound.bytes()], [0, 4])
    await new Promise(setImmediate)
    assert.equal(writes.map(String), ['abcd'])
  })

  test('keep their order around a large one', async () => {
    const { socket, writes, take } = openSocket()
    const outbound = createCoalescer()(socket, BYTES_MAX)
    for (const text of ['a', 'b'.repeat(20_000), 'c']) outbound.write(Buffer.from(text))
    await take()
    assert.is(Buffer.concat(writes).toString(), `a${'b'.repeat(20_000)}c`)
  })

  test('past the limit ask the writer to wait, and say when to go on', async () => {
    const { socket, take } = openSocket()
    createCoalescer()(socket, BYTES_MAX)
    let drains = 0
    socket.on('drain', () => {
      drains += 1
    })
    // So aedes stops reading from a client that never reads its acknowledgements.
    let isTaken = true
    for (let n = 0; n < 60 && isTaken; n++) isTaken = socket.write(Buffer.alloc(2_000))
    assert.is(isTaken, false)
    await new Promise(setImmediate)
    assert.is(drains, 0)
    await take()
    assert.ok(drains > 0)
  })

  test('before an end are not lost', async () => {
    for (const last of ['end', 'destroy'] as const) {
      const { socket, writes } = openSocket()
      createCoalescer()(socket, BYTES_MAX).write(Buffer.from('refused'))
      socket[last]()
      assert.equal(writes.map(String), ['refused'], last)
    }
  })
})
