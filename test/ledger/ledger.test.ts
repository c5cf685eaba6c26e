import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Entry } from '../../node/core/entry.ts'
import type { LogId } from '../../node/core/id.ts'
import { Fault } from '../../node/core/ports.ts'
import { emptyStall, fold } from '../../node/core/stall.ts'
import { rows } from '../../node/core/table.ts'
import { segmentName } from '../../node/ledger/segment.ts'
import { suite } from '../harness.ts'
import { chance, inFolder } from './folder.ts'
import {
  dataDir,
  type Machine,
  machineIn,
  openTill,
  readLog,
  sale,
  type Till,
  terms,
  within
} from './stall.ts'

const segmentPath = (machine: Machine, segment = 1) =>
  join(dataDir(machine), 'own', segmentName(segment))

/** A state as plain data, for tables keep their rows in no order. */
const plain = (till: Till) => {
  const { items, sales, ...rest } = till.stall()
  return { ...rest, items: [...rows(items)].sort(), sales: [...rows(sales)].sort() }
}

const forgetSnapshot = (machine: Machine) => rm(join(dataDir(machine), 'snapshot'), { force: true })

async function faultOf(step: Promise<unknown>): Promise<Fault> {
  const error = await step.then(
    () => assert.unreachable('it should have failed'),
    (reason: unknown) => reason
  )
  assert.instance(error, Fault)
  return error as Fault
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

  test('a restart goes on with the log of this boot, and knows all that was sold', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const before = await within(machine, async till => {
        await till.turn(terms)
        await till.turn(sale(1), sale(2))
        return plain(till)
      })
      for (const isReplayed of [false, true]) {
        if (isReplayed) await forgetSnapshot(machine)
        await within(machine, async till => assert.equal(plain(till), before))
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

  test('a frame cut off at any byte costs that frame only, and selling goes on', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, till => till.turn(terms))
      const from = usedBytes(await readFile(segmentPath(machine)))
      await within(machine, till => till.turn(sale(1)))
      const bytes = await readFile(segmentPath(machine))
      const to = usedBytes(bytes)
      for (let cut = from; cut < to; cut += cut < from + 12 || cut > to - 12 ? 1 : 37) {
        await writeFile(segmentPath(machine), Buffer.from(bytes).fill(0, cut))
        await forgetSnapshot(machine)
        await within(machine, async till => {
          assert.is(till.stall().sales.size, 0)
          // The sale was published before the disk forgot it, so this log must not go on.
          assert.is(till.stall().log.counter > 1, true)
          await till.turn(sale(2))
        })
        await within(machine, async till => assert.is(till.stall().sales.size, 1))
      }
    }))

  test('a changed byte in the middle is reported, and everything else still counts', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const { log } = await within(machine, async till => {
        await till.turn(terms)
        for (let number = 0; number < 5; number++) await till.turn(sale(number))
        return till.stall().log
      })
      const bytes = await readFile(segmentPath(machine))
      const fourth = recordOffsets(bytes)[3] ?? 0
      bytes[fourth + 100] = (bytes[fourth + 100] ?? 0) ^ 1
      await writeFile(segmentPath(machine), bytes)
      await forgetSnapshot(machine)
      await within(machine, async till => {
        assert.is(till.stall().sales.size, 4)
        assert.is(till.ledger.faults.length, 1)
        assert.match(till.ledger.faults[0]?.sentence ?? '', `Entry 4 of log ${log}`)
        assert.is.not(till.stall().log.log, log)
        assert.is(await till.ledger.store.read({ log, seq: 4 }), undefined)
        assert.is((await till.ledger.store.read({ log, seq: 5 }))?.type, 'sold')
      })
    }))

  test('a missing segment, and a file cut in half, open all the same', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, async till => {
        await till.turn(terms)
        await till.turn(sale(1))
      })
      await truncate(segmentPath(machine), 1_500)
      await within(machine, till => till.turn(terms, sale(2)))
      await rm(segmentPath(machine))
      await within(machine, async till => {
        assert.is(till.stall().sales.size, 0)
        await till.turn(terms, sale(3))
      })
    }))

  test('opens and sells on whatever is done to its files (seed 9, 40 rounds)', () =>
    inFolder(async dir => {
      const random = chance(9)
      const below = (max: number) => Math.floor(random() * max)
      const machine = machineIn(dir)
      await within(machine, async till => {
        await till.turn(terms)
        for (let number = 0; number < 12; number++) await till.turn(sale(number))
      })
      const good = await readFile(segmentPath(machine))
      for (let round = 0; round < 40; round++) {
        const bytes = Buffer.from(good.subarray(0, 1 + below(2) * good.length))
        for (let change = below(30); change >= 0; change--) {
          bytes[below(Math.min(8_000, bytes.length))] = below(3) === 0 ? 0 : below(256)
        }
        await writeFile(segmentPath(machine), bytes)
        if (random() < 0.7) await forgetSnapshot(machine)
        await within(machine, async till => {
          await till.turn(terms, sale(100 + round))
          assert.ok(till.stall().sales.size >= 1, `round ${round}`)
        })
      }
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

  test('a folder that lost acknowledged entries never goes on with the log', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, till => till.turn(terms))
      const older = await readFile(segmentPath(machine))
      const log = await within(machine, async till => {
        await till.turn(sale(1))
        return till.stall().log.log
      })
      await writeFile(segmentPath(machine), older)
      await within(machine, async till => assert.is.not(till.stall().log.log, log))
    }))

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

function recordOffsets(bytes: Buffer): number[] {
  const offsets: number[] = []
  for (let at = 0; bytes.readUInt32LE(at) > 0; at += 8 + bytes.readUInt32LE(at)) offsets.push(at)
  return offsets
}

function usedBytes(bytes: Buffer): number {
  const last = recordOffsets(bytes).at(-1) ?? 0
  return last + 8 + bytes.readUInt32LE(last)
}
