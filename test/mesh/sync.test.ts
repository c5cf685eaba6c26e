import { join as path } from 'node:path'
import * as assert from 'uvu/assert'
import type { Link } from '../../node/core/ports.ts'
import { type Held, openHeld } from '../../node/ledger/held.ts'
import { segmentsIn } from '../../node/ledger/segments.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { encodeMessage } from '../../node/wire/message.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { author, framesOf, OPENED_AT, testMarket } from './author.ts'
import { join, syncOf } from './pair.ts'

const market = testMarket('here')

const open = (dir: string, name: string): Promise<Held> =>
  openHeld({
    marketKey: verifyingKey(market.key.publicKey),
    isOwn: () => false,
    whenQuiet: async () => {},
    segments: segmentsIn(path(dir, name), path(dir, 'quarantine'))
  })

const sizesOf = (held: Held) => Object.fromEntries(held.sizes())

suite('mesh sync', test => {
  test('two stalls with real disks come to hold the same, and so after a restart', () =>
    inFolder(async dir => {
      const [a, b] = [await open(dir, 'a'), await open(dir, 'b')]
      for (const stall of ['bao', 'tea']) {
        const by = author({ market, stall })
        await a.keep(framesOf(by, ...Array.from({ length: 300 }, () => 1)))
      }
      await b.keep(framesOf(author({ market, stall: 'soup' }), 5, 5))
      const [left, right] = [syncOf(a), syncOf(b)]
      const { passed } = join(left, right)
      await until(() => a.sizes().size === 3 && JSON.stringify(sizesOf(a)) === sorted(b, a))
      // 600 frames of one entry travelled as a few, with a signature each.
      assert.ok(passed.messages < 40, `${passed.messages} messages`)
      await left.close()
      await right.close()
      await Promise.all([a.close(), b.close()])
      const again = await open(dir, 'b')
      assert.equal(sizesOf(again), sizesOf(a))
      await again.close()
    }))

  test('a frame of nearly a mebibyte travels in pieces', () =>
    inFolder(async dir => {
      const [a, b] = [await open(dir, 'a'), await open(dir, 'b')]
      const by = author({ market, stall: 'bao' })
      const names = Array.from({ length: 14 }, (_, at) => 'x'.repeat(65_000 - at))
      await a.keep([
        ...framesOf(by, 1),
        by.write(
          names.map((sku, index) => {
            const seq = index + 1
            return { log: by.log, seq, at: OPENED_AT + seq, type: 'itemWithdrawn', sku }
          })
        )
      ])
      const [left, right] = [syncOf(a), syncOf(b)]
      join(left, right)
      await until(() => b.sizes().get(by.log) === 15)
      await left.close()
      await right.close()
      await Promise.all([a.close(), b.close()])
    }))

  test('what is no message is refused by name, and harms nothing', () =>
    inFolder(async dir => {
      const held = await open(dir, 'a')
      const sync = syncOf(held)
      const end = sync.link(deaf('b'))
      assert.is(end.receive('data', Buffer.from('junk')), 'malformed')
      assert.is(end.receive('gossip', Buffer.of()), 'unknown-kind')
      assert.is(end.receive('toString', Buffer.of()), 'unknown-kind')
      const note = encodeMessage({ kind: 'note', version: 1, sizes: [] })
      assert.is(end.receive('note', note), 'no-hello')
      assert.equal(sync.view().refusals, { malformed: 1, 'unknown-kind': 2, 'no-hello': 1 })
      await sync.close()
      await held.close()
    }))

  test('a second link of a peer takes the place of the first', () =>
    inFolder(async dir => {
      const held = await open(dir, 'a')
      const sync = syncOf(held)
      const reasons: string[] = []
      const first = sync.link(deaf('b', reasons))
      const second = sync.link(deaf('b', reasons))
      assert.is(reasons.length, 1)
      assert.is(first.receive('data', Buffer.from('junk')), undefined)
      first.down()
      assert.is(second.receive('data', Buffer.from('junk')), 'malformed')
      await sync.close()
      assert.is(reasons.length, 2)
      await held.close()
    }))

  test('a link that takes nothing loses nothing: the peer asks again', () =>
    inFolder(async dir => {
      const [a, b] = [await open(dir, 'a'), await open(dir, 'b')]
      const by = author({ market, stall: 'bao' })
      await a.keep(framesOf(by, 3))
      const [left, right] = [syncOf(a), syncOf(b)]
      let refusals = 0
      const jammed = join(
        {
          ...left,
          link: link =>
            left.link({
              ...link,
              send: (kind, bytes) => {
                if (kind !== 'data' || refusals++ > 0) return link.send(kind, bytes)
                return false
              }
            })
        },
        right
      )
      await until(() => b.sizes().get(by.log) === 3)
      assert.ok(refusals > 1)
      jammed.cut()
      await left.close()
      await right.close()
      await Promise.all([a.close(), b.close()])
    }))
})

/** A link on which nobody listens. */
const deaf = (peer: string, reasons: string[] = []): Link => ({
  peer,
  send: () => true,
  close: reason => {
    reasons.push(reason)
  }
})

/** The logs of one in the order of the other, so that texts can be compared. */
const sorted = (held: Held, like: Held) =>
  JSON.stringify(
    Object.fromEntries([...like.sizes().keys()].map(log => [log, held.sizes().get(log)]))
  )
