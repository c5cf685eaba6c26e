import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { LogId } from '../../node/core/id.ts'
import { leafHash, verifyInclusion } from '../../node/core/proof/merkle.ts'
import { money } from '../../node/core/sell/money.ts'
import { emptyStall, FOLD_VERSION, fold } from '../../node/core/stall.ts'
import { rows } from '../../node/core/table.ts'
import type { Place } from '../../node/core/time.ts'
import { scan } from '../../node/ledger/record.ts'
import { readSnapshot } from '../../node/ledger/snapshot.ts'
import { readHeadText, readTlogProof } from '../../node/wire/checkpoint.ts'
import { decodeFrame } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { faultOf } from '../fault.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { forgetSnapshot, segmentPath } from './files.ts'
import {
  dataDir,
  type Machine,
  machineIn,
  openTill,
  readLog,
  sale,
  saleId,
  type Till,
  terms,
  verify,
  within
} from './stall.ts'

const coins: Command = { type: 'moveCash', amount: money(50), reason: 'Coins', wish: saleId(99) }

const longSale = (number: number, lines: number): Command => ({
  type: 'sell',
  sale: saleId(number),
  lines: Array.from({ length: lines }, (_, line) => ({
    sku: null,
    name: `Bowl ${line}`,
    quantity: 1,
    unitPrice: money(250),
    taxClass: 'food'
  })),
  tenders: [{ method: 'cash', amount: money(250 * lines) }]
})

/** A state as plain data, for tables keep their rows in no order. */
const plain = (till: Till) => {
  const { items, sales, ...rest } = till.stall()
  return { ...rest, items: [...rows(items)].sort(), sales: [...rows(sales)].sort() }
}

suite('ledger', test => {
  test('a first boot begins log 1 with a signed opening', () =>
    inFolder(dir =>
      within(machineIn(dir), async till => {
        const { log } = till.stall()
        assert.is(log.counter, 1)
        assert.equal(till.ledger.store.end(), { log: log.log, seq: 1 })
        const opened = await till.ledger.store.read({ log: log.log, seq: 0 })
        assert.is(opened?.type, 'logOpened')
        assert.equal(till.ledger.faults, [])
      })
    ))

  test('refuses two writes at once, for that is a bug of the loop', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, async till => {
        const first = till.turn(terms)
        for (const second of [() => till.turn(terms), till.renew]) {
          const error = await second().catch((error: unknown) => error)
          assert.match(String(error), 'Two writes at once')
        }
        await first
        await till.turn(sale(1))
      })
      assert.ok((await verify(machine)).isGood)
    }))

  test('what receipts are made of is the same from memory, and from the disk when it is old', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const places: Place[] = []
      const sealedAll = ({ ledger }: Till) => Promise.all(places.map(ledger.sealed))
      const { fresh, old } = await within(machine, async till => {
        await till.turn(terms)
        const sold = await till.turn(sale(1), sale(2))
        places.push(...sold.filter(({ type }) => type === 'sold'))
        const fresh = await sealedAll(till)
        for (let number = 3; number < 203; number += 40) {
          await till.turn(...Array.from({ length: 40 }, (_, index) => sale(number + index)))
        }
        return { fresh, old: await sealedAll(till) }
      })
      assert.is(fresh.length, 2)
      assert.is(fresh[0]?.leaf.length, 32)
      assert.not.equal(fresh[0]?.salt, fresh[1]?.salt)
      assert.equal(old, fresh)
      assert.equal(await within(machine, sealedAll), fresh)
    }))

  test('a restart goes on with the log of this boot, and knows all that was done', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const before = await within(machine, async till => {
        await till.turn(terms)
        await till.turn(sale(1), sale(2), coins)
        return plain(till)
      })
      for (const isReplayed of [false, true]) {
        if (isReplayed) await forgetSnapshot(machine)
        await within(machine, async till => {
          assert.equal(plain(till), before)
          const again = await till.turn(coins).catch(error => String(error))
          assert.match(String(again), 'already-done')
        })
      }
    }))

  test('the next boot begins a new log that names the end of the last one', () =>
    inFolder(async dir => {
      const end = await within(machineIn(dir), async till => {
        await till.turn(terms)
        return till.ledger.store.end()
      })
      await within(machineIn(dir, 'boot-2'), async till => {
        const { log, counter } = till.stall().log
        const opened = await till.ledger.store.read({ log, seq: 0 })
        assert.is(counter, 2)
        assert.ok(opened?.type === 'logOpened' && opened.previous?.log === end.log)
        assert.is(opened.previous.size, end.seq)
        assert.is((await readLog(till, end.log, end.seq)).length, end.seq)
      })
    }))

  test('what is appended in any batches is read and replayed in order (seed 3)', () =>
    inFolder(async dir => {
      const random = chance(3)
      const machine = machineIn(dir)
      const written: Entry[] = []
      let number = 0
      for (let round = 0; round < 5; round++) {
        await within(machine, async till => {
          if (round === 0) written.push(...(await till.turn(terms)))
          for (let turn = 0; turn < 20; turn++) {
            const sales = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
              sale(number++)
            )
            written.push(...(await till.turn(...sales)))
          }
        })
        if (random() < 0.5) await forgetSnapshot(machine)
      }
      await within(machine, async till => {
        const { log, seq } = till.ledger.store.end()
        const [opened, ...rest] = await readLog(till, log, seq)
        assert.equal(rest, written)
        const folded = [...(opened ? [opened] : []), ...written].reduce(fold, emptyStall)
        assert.equal(plain({ ...till, stall: () => folded }), plain(till))
      })
    }))

  test('500 sales of 500 lines fit a snapshot, and it gives back the same state', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const before = await within(machine, async till => {
        await till.turn(terms)
        for (let number = 0; number < 500; number++) await till.turn(longSale(number, 500))
        return plain(till)
      })
      const path = join(dataDir(machine), 'snapshot')
      const like = { foldVersion: FOLD_VERSION, like: emptyStall }
      assert.is((await readSnapshot(path, like))?.stall.sales.size, 500)
      await within(machine, async till => assert.equal(plain(till), before))
    }))

  test('a snapshot that cannot be written is shown, and keeps nothing from closing', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await mkdir(join(dataDir(machine), 'snapshot.new'), { recursive: true })
      const till = await openTill(machine)
      await till.turn(terms)
      await till.close()
      assert.match(till.ledger.health().sentence, 'the quick start could not be kept')
      await within(machine, async again => assert.is(again.stall().terms.stallName, 'Soup'))
    }))

  test('a snapshot of another fold, of other bytes, or torn, is passed over', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const path = join(dataDir(machine), 'snapshot')
      const before = await within(machine, async till => {
        await till.turn(terms)
        await till.turn(sale(1))
        return plain(till)
      })
      const good = await readFile(path)
      const other = Buffer.from(good.toString('latin1').replace('"size":', '"sizf":'), 'latin1')
      for (const bad of [good.subarray(0, good.length - 9), other, Buffer.from('{}')]) {
        await writeFile(path, bad)
        await within(machine, async till => assert.equal(plain(till), before))
      }
      await within(machine, till => till.turn(sale(2)))
      await writeFile(path, good)
      await within(machine, async till => assert.is(till.stall().sales.size, 2))
    }))

  test('keeps a snapshot when a session closes, while selling goes on', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const path = join(dataDir(machine), 'snapshot')
      await within(machine, async till => {
        await till.turn(terms)
        await till.turn(sale(1))
        await till.turn({ type: 'closeSession', counted: till.stall().grandTotal })
        await till.turn(sale(2))
        await until(() => existsSync(path))
        const early = await readSnapshot(path, { foldVersion: FOLD_VERSION, like: emptyStall })
        assert.is(early?.stall.sales.size, 1)
        assert.is(early?.stall.closings.length, 1)
      })
    }))

  test('gives a checkpoint and inclusion proofs that outsiders can check', () =>
    inFolder(dir =>
      within(machineIn(dir), async till => {
        await till.turn(terms)
        for (let number = 0; number < 700; number += 50) {
          await till.turn(...Array.from({ length: 50 }, (_, index) => sale(number + index)))
        }
        const { store } = till.ledger
        const { log, seq: size } = store.end()
        const note = (await store.head(log)) ?? ''
        const head = readHeadText(note.slice(0, note.indexOf('\n\n') + 1), note.split('/')[0] ?? '')
        assert.is(head.size, size)
        for (const seq of [0, 1, 255, 256, 511, 512, size - 1]) {
          const text = (await store.proof({ log, seq })) ?? ''
          const { index, proof, checkpoint } = readTlogProof(text)
          assert.equal([index, checkpoint], [seq, note])
          const leaf = await leafAt(machineIn(dir), seq)
          const claim = { leaf, index, size, proof, root: head.root, hash: sha256 }
          assert.ok(verifyInclusion(claim), `entry ${seq}`)
        }
        assert.is(await store.proof({ log, seq: size }), undefined)
        assert.is(await store.head('0123456789abcdef'), undefined)
      })
    ))

  test('a second process is told that the folder is in use', () =>
    inFolder(dir =>
      within(machineIn(dir), async () => {
        assert.is((await faultOf(openTill(machineIn(dir)))).code, 'folder-in-use')
      })
    ))

  test('a copy of the card begins a log of its own', () =>
    inFolder(async dir => {
      const machine = machineIn(join(dir, 'first'))
      await within(machine, till => till.turn(terms))
      await cp(join(dir, 'first'), join(dir, 'copy'), { recursive: true })
      const copy = machineIn(join(dir, 'copy'), 'boot-2')
      const logs: LogId[] = []
      for (const each of [machine, copy]) {
        await within(each, async till => {
          await till.turn(sale(logs.length))
          logs.push(till.stall().log.log)
        })
      }
      assert.is(new Set(logs).size, 2)
    }))

  test('a fact that is too long for one entry is a fault, and selling goes on', () =>
    inFolder(dir =>
      within(machineIn(dir), async till => {
        await till.turn(terms)
        const place = till.ledger.store.end()
        const sku = 'x'.repeat(70_000)
        const entry: Entry = { ...place, at: till.stall().at, type: 'itemWithdrawn', sku }
        assert.is((await faultOf(till.ledger.store.append([entry]))).code, 'too-large')
        await till.renew()
        await till.turn(sale(1))
        assert.is(till.stall().sales.size, 1)
      })
    ))

  test('refuses entries that are not the next ones, for that is a bug', () =>
    inFolder(dir =>
      within(machineIn(dir), async till => {
        const place = till.ledger.store.end()
        const entry: Entry = { ...place, seq: 7, at: 0, type: 'itemWithdrawn', sku: 'x' }
        await till.ledger.store.append([entry]).then(
          () => assert.unreachable('it was taken'),
          error => assert.match(error.message, 'is not the next one')
        )
      })
    ))
})

async function leafAt(machine: Machine, seq: number): Promise<Uint8Array> {
  const { found } = scan(await readFile(segmentPath(machine)))
  const entries = found.flatMap(({ bytes }) => decodeFrame(bytes).entries)
  return leafHash(entries[seq] ?? new Uint8Array(), sha256)
}
