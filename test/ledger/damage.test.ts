import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { Fault } from '../../node/core/ports.ts'
import { rows } from '../../node/core/table.ts'
import { recordOf, scan } from '../../node/ledger/record.ts'
import { entryBytes, openEntry, readEntry } from '../../node/wire/entry.ts'
import { decodeFrame, encodeFrame } from '../../node/wire/frame.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { forgetSnapshot, recordOffsets, segmentPath, usedBytes } from './files.ts'
import { dataDir, machineIn, openTill, sale, saleId, terms, verify, within } from './stall.ts'

suite('damage', test => {
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
          const told = till.ledger.faults.map(({ sentence }) => sentence).join(' ')
          assert.match(told, /entr(y that was|ies that were) acknowledged/)
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

  test('a damaged first frame closes no books, for there is a copy of it', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, till => till.turn(terms, sale(1)))
      const bytes = await readFile(segmentPath(machine))
      bytes[50] = (bytes[50] ?? 0) ^ 1
      await writeFile(segmentPath(machine), bytes)
      await forgetSnapshot(machine)
      await within(machineIn(dir, 'boot-2'), async till => {
        assert.is(till.stall().sales.size, 1)
        assert.match(till.ledger.faults[0]?.sentence ?? '', 'Entry 0 of log')
      })
      const { problems } = await verify(machine)
      assert.is(problems.length, 1)
      assert.match(problems[0] ?? '', /^own\/00000001.seg at byte 0: Entry 0 of log .* changed/)
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

  test('a frame that the next log leaves out does not count, though the disk kept it', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      await within(machine, till => till.turn(terms))
      const before = await readFile(segmentPath(machine))
      const end = usedBytes(before)
      await within(machine, till => till.turn(sale(1)))
      const after = await readFile(segmentPath(machine))
      const unsure = after.subarray(end, usedBytes(after))
      await writeFile(segmentPath(machine), before)
      await within(machine, till => till.turn(sale(2)))
      const next = await readFile(segmentPath(machine))
      const all = [next.subarray(0, end), unsure, next.subarray(end)]
      await writeFile(segmentPath(machine), Buffer.concat(all))
      await forgetSnapshot(machine)
      await within(machine, async till => {
        const ids = [...rows(till.stall().sales)].map(([id]) => id)
        assert.equal(ids, [saleId(2)])
        assert.equal(till.ledger.faults, [])
      })
      assert.equal((await verify(machine)).problems, [])
    }))

  test('a log whose last write failed is over after a restart as well', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const { log, seq } = await within(machine, async till => {
        await till.turn(terms)
        const acknowledged = till.ledger.store.end()
        await till.turn(sale(1))
        return acknowledged
      })
      const [device = ''] = await readdir(machine.runDir)
      const note = Buffer.from(`${log}8000000000000000`, 'hex')
      note.writeUInt32BE(seq, 12)
      await writeFile(join(machine.runDir, device, 'log.size'), note)
      await forgetSnapshot(machine)
      await within(machine, async till => {
        assert.is(till.stall().sales.size, 0)
        assert.is(till.stall().log.counter, 2)
        await till.turn(sale(1))
      })
      await forgetSnapshot(machine)
      await within(machine, async till => {
        assert.is(till.stall().sales.size, 1)
        assert.equal(till.stall().doubled, [])
      })
    }))

  test('with another reading key the books stay closed, and nothing is written', () =>
    inFolder(async dir => {
      await within(machineIn(dir), till => till.turn(terms, sale(1)))
      await within(machineIn(join(dir, 'other')), async () => undefined)
      const before = await readFile(segmentPath(machineIn(dir)))
      await cp(join(dir, 'other/keys/vendor.key'), join(dir, 'keys/vendor.key'))
      const error = await openTill(machineIn(dir, 'boot-2')).catch((reason: unknown) => reason)
      assert.ok(error instanceof Fault && error.code === 'foreign-keys', String(error))
      assert.equal(await readFile(segmentPath(machineIn(dir))), before)
    }))

  test('a damaged wrap of the content key is mended by the copy; without it the log is shut', () =>
    inFolder(async dir => {
      await within(machineIn(dir), till => till.turn(terms, sale(1)))
      const path = segmentPath(machineIn(dir))
      const bytes = await readFile(path)
      const first = decodeFrame(scan(bytes).found[0]?.bytes ?? new Uint8Array())
      const opened = openEntry(readEntry(first.entries[0] ?? new Uint8Array()), undefined)
      if (opened?.type !== 'logOpened') return assert.unreachable('no opening')
      const wraps = opened.wraps.map(wrap => ({ ...wrap, ciphertext: new Uint8Array(48) }))
      const seal = { contentKey: new Uint8Array(32), random: (size: number) => Buffer.alloc(size) }
      const entries = [entryBytes({ ...opened, wraps }, seal)]
      recordOf(encodeFrame({ ...first, entries })).copy(bytes)
      await writeFile(path, bytes)
      await forgetSnapshot(machineIn(dir))
      await within(machineIn(dir, 'boot-2'), async till => assert.is(till.stall().sales.size, 1))
      await forgetSnapshot(machineIn(dir))
      await rm(join(dataDir(machineIn(dir)), 'openings'), { recursive: true })
      await within(machineIn(dir, 'boot-3'), async till => {
        assert.is(till.stall().sales.size, 0)
        assert.match(till.ledger.faults[0]?.sentence ?? '', 'cannot be opened')
        await till.turn(terms, sale(2))
      })
    }))
})
