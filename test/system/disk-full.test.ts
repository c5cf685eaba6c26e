import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { Fault } from '../../node/core/ports.ts'
import { faultOf } from '../fault.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import {
  dataDir,
  type Machine,
  machineIn,
  openTill,
  sale,
  type Till,
  terms,
  verify,
  within
} from '../ledger/stall.ts'

const run = promisify(execFile)
const needs = process.getuid?.() === 0 ? false : 'root'

suite('disk full', test => {
  test.needs(needs, 'says so, books nothing by halves, and goes on when there is space', () =>
    onSmallDisk(async (dir, runDir) => {
      const machine = { ...machineIn(dir), runDir }
      const till = await openTill(machine)
      const ballast = join(dir, 'ballast')
      try {
        await till.turn(terms)
        await fillDisk(ballast)
        const { sold, fault } = await sellUntilFault(till)
        assert.is(fault.code, 'disk-full')
        assert.match(fault.message, 'The disk is full')
        assert.ok(sold > 1_000, `the zeros laid ahead took ${sold} sales`)
        assert.is((await faultOf(till.renew())).code, 'disk-full')
        assert.is(till.ledger.health().state, 'down')
        await rm(ballast)
        await till.renew()
        await till.turn(sale(sold))
        assert.is(till.stall().sales.size, sold + 1)
        // The renewal on the full disk used up a number of its own.
        assert.is(till.stall().log.counter, 3)
      } finally {
        await till.close()
      }
      await checkAgain(machine, till.stall().sales.size)
    })
  )

  test.needs(needs, 'opens on a full disk with a fault, and opens again when there is space', () =>
    onSmallDisk(async (dir, runDir) => {
      const machine = { ...machineIn(dir), runDir }
      await (await openTill(machine)).close()
      await rm(join(dataDir(machine), 'own'), { recursive: true })
      const ballast = join(dir, 'ballast')
      await fillDisk(ballast)
      assert.is((await faultOf(openTill(machine))).code, 'disk-full')
      await rm(ballast)
      const till = await openTill(machine)
      await till.turn(terms, sale(1))
      await till.close()
    })
  )
})

/** A disk of 8 MiB, and a folder on another one for the log's key. */
const onSmallDisk = (step: (dir: string, runDir: string) => Promise<void>) =>
  inFolder(async work => {
    const dir = join(work, 'disk')
    await mkdir(dir)
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir])
    try {
      await step(dir, join(work, 'run'))
    } finally {
      await run('umount', [dir])
    }
  })

async function fillDisk(path: string): Promise<void> {
  await writeFile(path, Buffer.alloc(16 << 20, 1)).catch(() => undefined)
}

async function sellUntilFault(till: Till): Promise<{ sold: number; fault: Fault }> {
  for (let sold = 0; sold < 100_000; sold++) {
    const fault = await till.turn(sale(sold)).then(
      () => undefined,
      (error: unknown) => error
    )
    if (fault instanceof Fault) return { sold, fault }
    if (fault) throw fault
  }
  return assert.unreachable('the disk never was full') as never
}

async function checkAgain(machine: Machine, size: number): Promise<void> {
  await within(machine, async till => {
    assert.is(till.stall().sales.size, size)
    assert.equal(till.ledger.faults, [])
  })
  assert.equal((await verify(machine)).problems, [])
}
