import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { Fault, type Frames } from '../../node/core/ports.ts'
import { openDevice } from '../../node/identity/device.ts'
import { type Held, type HeldOptions, openHeld } from '../../node/ledger/held.ts'
import { segmentName } from '../../node/ledger/segment.ts'
import { segmentsIn } from '../../node/ledger/segments.ts'
import { shelfOf } from '../../node/ledger/shelf.ts'
import { decodeFrame, encodeFrame } from '../../node/wire/frame.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { pooledRandom } from '../../node/wire/seal.ts'
import { framesContract, own } from '../contract/frames.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { author, framesOf, testMarket } from '../mesh/author.ts'
import { openDisk } from '../world/disk.ts'
import { forgetSnapshot, recordOffsets, segmentPath } from './files.ts'
import { dataDir, type Machine, machineIn, sale, terms, within } from './stall.ts'

const market = testMarket('here')

const about: Omit<HeldOptions, 'segments'> = {
  marketKey: verifyingKey(market.key.publicKey),
  isOwn: log => log === own.log,
  whenQuiet: async () => {}
}

const inDir = (dir: string, more: Partial<HeldOptions> = {}): Promise<Held> =>
  openHeld({
    ...about,
    segments: segmentsIn(join(dir, 'held'), join(dir, 'quarantine')),
    ...more
  })

const now = (_ms: number, run: () => void) => queueMicrotask(run)
const testDisk = (seed: number) => openDisk({ startTimer: now, random: chance(seed), writeMs: 0 })

framesContract('in segment files', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'held-'))
  let held = await inDir(dir)
  return {
    frames: held,
    reopen: async () => {
      await held.close()
      held = await inDir(dir)
      return held
    },
    close: async () => {
      await held.close()
      rmSync(dir, { recursive: true })
    }
  }
})

framesContract('on a disk in memory', async () => {
  const disk = testDisk(1)
  const open = () => openHeld({ ...about, segments: disk.series('held') })
  return { frames: await open(), reopen: open, close: async () => {} }
})

suite('held', test => {
  test('a changed byte costs the rest of that log here, and peers give it again', () =>
    inFolder(async dir => {
      const bao = author({ market, stall: 'bao' })
      const tea = author({ market, stall: 'tea' })
      const all = framesOf(bao, 1, 1, 1, 1)
      const held = await inDir(dir)
      await held.keep([...all, ...framesOf(tea, 3)])
      await held.close()
      const path = join(dir, 'held', segmentName(1))
      const bytes = await readFile(path)
      const third = recordOffsets(bytes)[2] ?? 0
      bytes[third + 30] = (bytes[third + 30] ?? 0) ^ 4
      await writeFile(path, bytes)
      const again = await inDir(dir)
      assert.equal(sizesOf(again), { [bao.log]: 2, [tea.log]: 3 })
      assert.is(again.faults.length, 2)
      assert.match(again.faults[0]?.sentence ?? '', /books were damaged in 1 place on/)
      await again.keep(all.slice(2))
      await again.close()
      const mended = await inDir(dir)
      assert.equal(sizesOf(mended), { [bao.log]: 4, [tea.log]: 3 })
      await mended.close()
    }))

  test('a head that somebody forged on the card is not believed, though its sum is right', () =>
    inFolder(async dir => {
      const [first = Buffer.of()] = framesOf(author({ market, stall: 'bao' }), 2)
      const forging = await inDir(dir, { isSigned: () => true })
      const forged = Buffer.from(first)
      const at = forged.indexOf(Buffer.from(decodeFrame(first).signature))
      forged[at] = (forged[at] ?? 0) ^ 1
      const [verdict] = await forging.keep([forged])
      assert.ok(verdict && 'kept' in verdict)
      await forging.close()
      const held = await inDir(dir)
      assert.is(held.sizes().size, 0)
      await held.close()
    }))

  test('a write cut off at any byte keeps whole frames only (seed 3, 60 cuts)', async () => {
    const random = chance(3)
    for (let cut = 0; cut < 60; cut++) {
      const timers: (() => void)[] = []
      const startTimer = (_ms: number, run: () => void) => timers.push(run)
      const disk = openDisk({ startTimer, random, writeMs: 1 })
      const bao = author({ market, stall: 'bao' })
      const all = framesOf(bao, 1, 1, 1, 1, 1)
      const held = await openHeld({ ...about, segments: disk.series('held') })
      const first = held.keep(all.slice(0, 2))
      while (timers.length === 0) await Promise.resolve()
      timers.pop()?.()
      await first
      void held.keep(all.slice(2))
      while (timers.length === 0) await Promise.resolve()
      disk.crash()
      const again = await openHeld({ ...about, segments: disk.series('held') })
      const size = again.sizes().get(bao.log) ?? 0
      assert.ok(size >= 2 && size <= 5, `${size} after cut ${cut}`)
      const rest = again.keep(all)
      while (timers.length < 2) await Promise.resolve()
      for (const run of timers.splice(0)) run()
      await rest
      assert.is(again.sizes().get(bao.log), 5)
    }
  })

  test('a disk that fails or is full loses nothing that was kept, and goes on later', async () => {
    const disk = testDisk(2)
    const held = await openHeld({ ...about, segments: disk.series('held') })
    const bao = author({ market, stall: 'bao' })
    const [first = Buffer.of(), second = Buffer.of(), third = Buffer.of()] = framesOf(bao, 1, 1, 1)
    await held.keep([first])
    for (const [spoil, code] of [
      [disk.failNext, 'disk-failed'],
      [() => disk.fill(true), 'disk-full']
    ] as const) {
      spoil()
      const fault = await held.keep([second]).catch((error: unknown) => error)
      assert.ok(fault instanceof Fault && fault.code === code, String(fault))
      assert.is(held.sizes().get(bao.log), 1)
      assert.is(held.health().state, 'degraded')
    }
    disk.fill(false)
    await held.keep([second, third])
    assert.is(held.sizes().get(bao.log), 3)
    assert.is(held.health().state, 'up')
    const again = await openHeld({ ...about, segments: disk.series('held') })
    assert.is(again.sizes().get(bao.log), 3)
  })

  test('past its room it answers "full" and holds what it has', async () => {
    const disk = testDisk(4)
    const held = await openHeld({ ...about, segments: disk.series('held'), bytesMax: 1_300 })
    const bao = author({ market, stall: 'bao' })
    const verdicts = await held.keep(framesOf(bao, 1, 1, 1, 1, 1, 1))
    const words = verdicts.map(verdict => ('refused' in verdict ? verdict.refused : 'kept'))
    assert.is(words[words.lastIndexOf('kept') + 1], 'full')
    assert.is(held.sizes().get(bao.log), words.lastIndexOf('kept') + 1)
    const [verdict] = await held.keep(framesOf(author({ market, stall: 'tea' }), 1))
    assert.is(verdict && 'refused' in verdict && verdict.refused, 'full')
    assert.match(held.health().sentence, 'nearly full')
  })

  test("a stall's own write goes before the frames of peers", async () => {
    const disk = testDisk(5)
    const steps: string[] = []
    let letGo = () => {}
    const ownWrite = new Promise<void>(resolve => {
      letGo = () => {
        steps.push('own')
        resolve()
      }
    })
    const whenQuiet = () => ownWrite
    const held = await openHeld({ ...about, segments: disk.series('held'), whenQuiet })
    const keeping = held.keep(framesOf(author({ market, stall: 'bao' }), 1)).then(() => {
      steps.push('held')
    })
    await new Promise(resolve => setImmediate(resolve))
    letGo()
    await keeping
    assert.equal(steps, ['own', 'held'])
  })
})

suite('shelf', test => {
  test("a stall's own frames and its peers' are read alike", () =>
    inFolder(dir =>
      within(machineIn(dir), async till => {
        await till.turn(terms)
        for (let number = 0; number < 4; number++) await till.turn(sale(number))
        const { log, seq } = till.ledger.store.end()
        const held = await inDir(dir, { isOwn: till.ledger.frames.isWriting })
        const shelf = shelfOf(till.ledger.frames, held)
        assert.equal([...shelf.sizes()], [[log, seq]])
        const whole = await wholeFrame(shelf, log)
        assert.is(whole.entries.length, seq)
        const [verdict] = await shelf.keep([encodeFrame(whole)])
        assert.is(verdict && 'refused' in verdict && verdict.refused, 'own')
        await held.close()
      })
    ))

  test('what a damaged card lost of an own log comes back from a peer', () =>
    inFolder(async dir => {
      const machine = machineIn(dir)
      const { log, seq } = await within(machine, async till => {
        await till.turn(terms)
        for (let number = 0; number < 5; number++) await till.turn(sale(number))
        return till.ledger.store.end()
      })
      const { marketKey } = await keysOf(machine)
      const asPeer = { marketKey, isOwn: () => false }
      const peer = await inDir(join(dir, 'peer'), asPeer)
      await within(machine, async till => {
        const whole = await till.ledger.frames.read({ log, from: 0, bytesMax: 1 << 19 })
        await peer.keep([whole ?? Buffer.of()])
      })
      const bytes = await readFile(segmentPath(machine))
      const fourth = recordOffsets(bytes)[3] ?? 0
      bytes[fourth + 100] = (bytes[fourth + 100] ?? 0) ^ 1
      await writeFile(segmentPath(machine), bytes)
      await forgetSnapshot(machine)
      await within(machine, async till => {
        const held = await inDir(dir, { isOwn: till.ledger.frames.isWriting, marketKey })
        const shelf = shelfOf(till.ledger.frames, held)
        assert.is(shelf.sizes().get(log), 4)
        const rest = await peer.read({ log, from: 4, bytesMax: 1 << 19 })
        const [verdict] = await shelf.keep([rest ?? Buffer.of()])
        assert.ok(verdict && 'kept' in verdict)
        assert.is(shelf.sizes().get(log), seq)
        for (const [from, size] of [
          [0, 4],
          [4, seq]
        ] as const) {
          const frame = await shelf.read({ log, from, bytesMax: 1 << 19 })
          assert.is(decodeFrame(frame ?? Buffer.of()).size, size)
        }
        await held.close()
      })
      await peer.close()
    }))
})

async function keysOf(machine: Machine) {
  const keys = { dir: join(machine.dir, 'keys'), dataDir: dataDir(machine), stall: machine.stall }
  const device = await openDevice({ ...keys, random: pooledRandom() })
  return { marketKey: verifyingKey(device.marketKey) }
}

const sizesOf = (frames: Frames) => Object.fromEntries(frames.sizes())

async function wholeFrame(frames: Frames, log: ReturnType<typeof author>['log']) {
  return decodeFrame((await frames.read({ log, from: 0, bytesMax: 1 << 19 })) ?? Buffer.of())
}
