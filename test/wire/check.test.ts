import * as assert from 'uvu/assert'
import type { EntryOf } from '../../node/core/entry.ts'
import { emptyRange } from '../../node/core/proof/merkle.ts'
import {
  type LogChain,
  signDeviceCertificate,
  signLogCertificate,
  verifyDeviceCertificate,
  verifyLogOpened
} from '../../node/wire/certificate.ts'
import { checkFrame } from '../../node/wire/check.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import { openEntry, readEntry } from '../../node/wire/entry.ts'
import { decodeFrame, encodeFrame } from '../../node/wire/frame.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { unwrapContentKey } from '../../node/wire/wrap.ts'
import { suite } from '../harness.ts'
import {
  bytesOfEntries,
  CONTENT_KEY,
  deviceCertificate,
  deviceKey,
  fixedEntries,
  frameOf,
  LOG,
  logKey,
  MARKET,
  marketKey,
  openedLog,
  reader,
  SOLD,
  STALL,
  strangerKey
} from './given.ts'

const START = { range: emptyRange, at: 0 }
const market = verifyingKey(marketKey.publicKey)
const chain: Pick<LogChain, 'market' | 'verifier'> = {
  market: MARKET,
  verifier: verifyingKey(logKey.publicKey)
}

suite('a log, checked from its files and the market key alone', test => {
  test('market key, device, log key, head, entries, content key, body', async () => {
    const bytes = bytesOfEntries(await fixedEntries())
    const frame = decodeFrame(encodeFrame(frameOf(bytes)))

    const [first = Buffer.alloc(0)] = frame.entries
    const opened = openEntry(readEntry(first)) as EntryOf<'logOpened'>
    const chain = verifyLogOpened(opened, market)
    assert.equal([chain.market, chain.stall, chain.roles], [MARKET, STALL, ['stall']])
    const { entries } = checkFrame({ frame, before: START, chain })

    const contentKey = await unwrapContentKey({ wraps: opened.wraps, log: LOG, reader })
    assert.equal(Buffer.from(contentKey ?? ''), CONTENT_KEY)
    const [, , raw] = entries
    assert.equal(raw && openEntry(raw, contentKey), SOLD)
  })

  test('frame after frame', async () => {
    const bytes = bytesOfEntries(await fixedEntries())
    const once = checkFrame({ frame: frameOf(bytes.slice(0, 2)), before: START, chain })
    const { range, entries } = checkFrame({ frame: frameOf(bytes, 2), before: once, chain })
    assert.is(range.size, 4)
    assert.equal(
      entries.map(entry => entry.seq),
      [2, 3]
    )
    const again = () => checkFrame({ frame: frameOf(bytes, 2), before: START, chain })
    assert.throws(again, /starts at entry 2, and entry 0 is next/)
  })

  test('says what is wrong where', async () => {
    const bytes = bytesOfEntries(await fixedEntries())
    const good = frameOf(bytes)
    const edited = (index: number, field: number, to: Value) => {
      const fields = decode(bytes[index] ?? Buffer.of()) as Value[]
      return bytes.with(index, encode(fields.with(field, to)))
    }
    const wrong: [entries: Uint8Array[], reason: RegExp][] = [
      [edited(1, 5, [['bao', 'Bao', 1, 'food', '', '', false]]), /not those that the head/],
      [bytes.toReversed(), /entry 0 is out of its place/],
      [edited(2, 1, Buffer.alloc(8)), /entry 2 is out of its place/],
      [edited(3, 3, 5), /entry 3 is older than the one before it/]
    ]
    for (const [entries, reason] of wrong) {
      assert.throws(() => checkFrame({ frame: { ...good, entries }, before: START, chain }), reason)
    }
    const forged = { ...good, signature: Buffer.alloc(64) }
    assert.throws(() => checkFrame({ frame: forged, before: START, chain }), /not signed by/)
    const elsewhere = { ...chain, market: 'other.example' }
    const moved = () => checkFrame({ frame: good, before: START, chain: elsewhere })
    assert.throws(moved, /not signed by/)
  })
})

suite('certificates', test => {
  test('a device that another market admitted is a stranger', () => {
    const stranger = verifyingKey(strangerKey.publicKey)
    assert.is(verifyDeviceCertificate(deviceCertificate, market).stall, STALL)
    assert.throws(() => verifyDeviceCertificate(deviceCertificate, stranger), /does not match/)
  })

  test('one kind of certificate never passes for another', () => {
    const certified = { key: logKey.publicKey, counter: 1, bootId: '', previous: null }
    const log = signLogCertificate(certified, marketKey.privateKey)
    assert.throws(() => verifyDeviceCertificate(log, market), /another kind/)
  })

  test('a market has a name that a checkpoint can begin with', () => {
    const certificate = { stall: STALL, key: deviceKey.publicKey, roles: [] }
    for (const name of ['', 'two words', 'a+b', 'Market', 'line\nbreak', '.dot']) {
      const sign = () =>
        signDeviceCertificate({ ...certificate, market: name }, marketKey.privateKey)
      assert.throws(sign, /market's domain/, name)
    }
  })

  test('a log that says something else than its certificates is refused', async () => {
    const opened = await openedLog()
    assert.is(verifyLogOpened(opened, market).stall, STALL)
    const previous = { log: LOG, size: 1, root: Buffer.alloc(32) }
    for (const lie of [
      { stall: '13' },
      { counter: 2 },
      { bootId: 'b' },
      { previous },
      { seq: 1 },
      { log: '0000000000000000' as typeof LOG }
    ]) {
      assert.throws(() => verifyLogOpened({ ...opened, ...lie }, market), /something else/)
    }
  })

  test('the key exchange is that of RFC 9180 A.2.1', async () => {
    const [wrap] = (await openedLog()).wraps
    const expected = '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a'
    assert.is(Buffer.from(wrap?.encapsulated ?? '').toString('hex'), expected)
  })

  test('a content key opens for its reader and in its log only', async () => {
    const { wraps } = await openedLog()
    const stranger = { publicKey: Buffer.alloc(32, 5), privateKey: reader.privateKey }
    assert.is(await unwrapContentKey({ wraps, log: LOG, reader: stranger }), undefined)
    const log = '0000000000000000' as typeof LOG
    let refused = ''
    await unwrapContentKey({ wraps, log, reader }).catch(error => {
      refused = String(error)
    })
    assert.match(refused, /does not open with this reading key/)
  })
})
