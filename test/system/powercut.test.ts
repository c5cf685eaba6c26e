import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { get } from '../../node/core/table.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { type Machine, machineIn, sale, saleId, verify, within } from '../ledger/stall.ts'
import { cutPower, type Event, readEvents } from '../powercut/cut.ts'
import { formatImage, mountLoop, mountRecorded, whatDisksNeed } from '../powercut/disk.ts'
import { startSeller } from '../powercut/seller.ts'

const SEED = Number(process.env['POWERCUT_SEED'] ?? 7)
const CUTS = Number(process.env['POWERCUT_CUTS'] ?? 80)
const SALES = 3_000
const needs = await whatDisksNeed()

suite(
  'power cut',
  test => {
    test.needs(needs, `${CUTS} cuts lose no acknowledged sale (seed ${SEED})`, () =>
      inFolder(async work => {
        const base = join(work, 'base')
        await formatImage(base, 64)
        const events = await record(work, base)
        const first = events.findIndex(({ type }) => type === 'ack')
        const random = chance(SEED)
        let unsure = 0
        for (let cut = 0; cut < CUTS; cut++) {
          const at = first + 1 + Math.floor(random() * (events.length - first - 1))
          unsure += await tryCut({ work, base, cut, events: events.slice(0, at), random })
        }
        // A rig whose cuts never hit a write under way would prove nothing.
        assert.ok(unsure > CUTS / 4, `only ${unsure} of ${CUTS} cuts hit an unflushed write`)
      })
    )
  },
  { stepMs: 600_000 }
)

/** Sells on a recorded disk, from a fresh file system to a clean unmount. */
async function record(work: string, base: string): Promise<Event[]> {
  const image = join(work, 'recorded')
  const log = join(work, 'log')
  await cutPower({ base, image, events: [], random: () => 0 })
  const disk = await mountRecorded({ work, image, log })
  try {
    const { dir, ackPath } = disk
    const runDir = join(work, 'run')
    const seller = startSeller({ dir, runDir, ackPath, seed: SEED, sales: SALES })
    const [code] = await once(seller, 'exit')
    assert.is(code, 0, 'the seller ended well')
  } finally {
    await disk.close()
  }
  const events = await readEvents(log)
  assert.ok(events.filter(({ type }) => type === 'ack').length > 100)
  return events
}

/** Gives 1 when writes were under way at the cut, else 0. No path is ever used twice. */
async function tryCut(options: {
  readonly work: string
  readonly base: string
  readonly cut: number
  readonly events: readonly Event[]
  readonly random: () => number
}): Promise<number> {
  const { work, cut, events } = options
  const image = join(work, `cut-${cut}`)
  await cutPower({ ...options, image })
  const disk = await mountLoop({ work, image })
  try {
    const machine = { ...machineIn(disk.dir, `after-${cut}`), runDir: join(work, `run-${cut}`) }
    const acked = events.findLast(({ type }) => type === 'ack')
    await checkStall(machine, { acked: acked?.type === 'ack' ? acked.number : 0, cut })
  } finally {
    await disk.close()
    await rm(image)
  }
  const flushed = events.findLastIndex(({ type }) => type === 'flush')
  return events.slice(flushed).some(({ type }) => type === 'write') ? 1 : 0
}

/** Every acknowledged sale is there once, the books are true, and the stall sells on. */
async function checkStall(machine: Machine, after: { acked: number; cut: number }): Promise<void> {
  const size = await within(machine, async till => {
    const { sales, doubled } = till.stall()
    const says = `cut ${after.cut}: ${sales.size} sales, ${after.acked} acknowledged`
    assert.ok(sales.size >= after.acked, says)
    for (let number = 0; number < sales.size; number++) {
      assert.ok(get(sales, saleId(number)), `${says}, not sale ${number}`)
    }
    assert.equal(doubled, [], says)
    assert.equal(till.ledger.faults, [], says)
    await till.turn(sale(sales.size))
    return sales.size
  })
  await within(machine, async till => assert.is(till.stall().sales.size, size + 1))
  assert.equal((await verify(machine)).problems, [], `cut ${after.cut}`)
}
