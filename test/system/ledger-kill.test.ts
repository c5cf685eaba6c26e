import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { get } from '../../node/core/table.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { machineIn, openTill, saleId } from '../ledger/stall.ts'
import { startSeller } from '../powercut/seller.ts'
import { until } from '../wait.ts'

const ROUNDS = 100

suite(
  'kill -9',
  test => {
    test(`a seller that is killed loses and doubles nothing (seed 5, ${ROUNDS} times)`, () =>
      inFolder(async dir => {
        const random = chance(5)
        const runDir = join(dir, 'run')
        const ackPath = join(dir, 'ack')
        await writeFile(ackPath, '')
        for (let round = 0; round < ROUNDS; round++) {
          const child = startSeller({ dir, runDir, ackPath, seed: round, sales: 1_000_000 })
          await waitForAck(child, ackPath)
          await delay(random() * 60)
          child.kill('SIGKILL')
          await once(child, 'exit')
          if (random() < 0.5) await rm(join(dir, 'data', 'snapshot'), { force: true })
          await checkAll({ dir, runDir, acked: await lastAck(ackPath) })
        }
      }))
  },
  { stepMs: 300_000 }
)

/** Waits until the child has sold something, so that the kill falls between two sales. */
async function waitForAck(child: ChildProcess, ackPath: string): Promise<void> {
  const before = await lastAck(ackPath)
  const hasSold = async () => child.exitCode !== null || (await lastAck(ackPath)) !== before
  await until(hasSold, 20_000)
  assert.is(child.exitCode, null, 'The seller ended by itself')
}

async function lastAck(path: string): Promise<number> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return Number(lines.at(-2) ?? 0)
}

/** Every acknowledged sale is there once, and the others are the next ones in order. */
async function checkAll(after: { dir: string; runDir: string; acked: number }): Promise<void> {
  const till = await openTill({ ...machineIn(after.dir, 'boot-0'), runDir: after.runDir })
  try {
    const { sales, doubled } = till.stall()
    assert.equal(till.ledger.faults, [])
    assert.equal(doubled, [])
    assert.ok(sales.size >= after.acked, `${sales.size} of ${after.acked} acknowledged sales`)
    for (let number = 0; number < sales.size; number++) {
      assert.ok(get(sales, saleId(number)), `sale ${number} of ${sales.size}`)
    }
  } finally {
    await till.close()
  }
}
