import * as assert from 'uvu/assert'
import { printerModel } from '../../drivers/printer/models.ts'
import { openPrinter } from '../../drivers/printer/printer.ts'
import { openPrintQueue } from '../../drivers/printer/queue.ts'
import { type SimPrinterState, simPrinter } from '../../drivers/sim/printer.ts'
import type { Command } from '../../node/core/command.ts'
import type { Id } from '../../node/core/id.ts'
import { Fault, type Outcome, type TurnListener } from '../../node/core/ports.ts'
import type { DueReceipt } from '../../node/core/sell/print.ts'
import { emptyStall } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'
import { SAMPLE } from './sample.ts'

const saleId = (n: number) => n.toString(16).padStart(32, '0') as Id
const due = (n: number, copy = 1): DueReceipt => ({ sale: saleId(n), copy })

const stallWith = (due: readonly DueReceipt[]): Stall => ({ ...emptyStall, due })

const DISK_FULL = { code: 'disk-full', message: 'Full.', fix: 'Make room.', isRetryable: true }

/** A till of one: what is due, a loop that takes `recordPrint`, a printer and its queue. */
function openBench(
  options: {
    due?: readonly DueReceipt[]
    state?: Partial<SimPrinterState>
    /** What the loop answers instead of taking a command; each once. */
    answers?: Outcome[]
  } = {}
) {
  const time = handTime()
  const model = printerModel('epson-tm-t20')
  if (model === undefined) throw new Error('No model')
  const { startTimer } = time
  const device = simPrinter({ model, startTimer, state: { ...options.state } })
  const printer = openPrinter({ transport: device.transport, model, startTimer })
  const recorded: string[] = []
  let stall = stallWith(options.due ?? [])
  let listener: TurnListener = () => {}
  const turn = (now: readonly DueReceipt[]) => {
    stall = stallWith(now)
    listener({ entries: [], stall })
  }
  const submit = async (command: Command): Promise<Outcome> => {
    const answer = options.answers?.shift()
    if (answer !== undefined) return answer
    if (command.type !== 'recordPrint') throw new Error(`Unexpected ${command.type}`)
    const { sale, copy, outcome } = command
    recorded.push(`${Number.parseInt(sale, 16)}/${copy} ${outcome}`)
    turn(stall.due.filter(job => job.sale !== sale || job.copy !== copy))
    return { entries: [] }
  }
  const queue = openPrintQueue({
    printer,
    stall,
    submit,
    startTimer,
    receiptFor: async (sale, copy) =>
      sale === saleId(404) ? undefined : { ...SAMPLE, sale, copy, parts: SAMPLE.parts.slice(0, 5) }
  })
  listener = queue.onTurn
  const states = () =>
    queue.view().jobs.map(job => `${Number.parseInt(job.sale, 16)}/${job.copy} ${job.state}`)
  const titles = () =>
    device
      .paper()
      .filter(line => line.style === 'large')
      .map(line => line.text.trim())
  return {
    time,
    device,
    queue,
    recorded,
    states,
    titles,
    isDue: (...jobs: DueReceipt[]) => turn([...stall.due, ...jobs]),
    close: () => time.until(queue.close())
  }
}

suite('print queue', test => {
  test('prints what becomes due, oldest first, and records the proof', async () => {
    const bench = openBench()
    bench.isDue(due(1))
    bench.isDue(due(2))
    assert.equal(bench.states(), ['1/1 waiting', '2/1 waiting'])
    await bench.time.pass(5_000)
    assert.equal(bench.recorded, ['1/1 printed', '2/1 printed'])
    assert.equal(bench.states(), [])
    assert.is(bench.titles().length, 2)
    await bench.close()
  })

  test('asks about what was due at the start and never prints it by itself', async () => {
    const bench = openBench({ due: [due(1)] })
    await bench.time.pass(60_000)
    assert.equal(bench.states(), ['1/1 unknown'])
    assert.is(bench.device.paper().length, 0)
    bench.isDue(due(2))
    await bench.time.pass(5_000)
    assert.equal(bench.recorded, ['2/1 printed'])
    assert.equal(bench.states(), ['1/1 unknown'])
    await bench.close()
  })

  test('printing again answers the question about the first one', async () => {
    const bench = openBench({ due: [due(1)] })
    bench.isDue(due(1, 2))
    await bench.time.pass(5_000)
    assert.equal(bench.recorded, ['1/1 skipped', '1/2 printed'])
    assert.is(bench.titles()[0], 'COPY 2')
    await bench.close()
  })

  test('waits for paper, says so, and goes on by itself', async () => {
    const bench = openBench({ state: { rollLines: 0 } })
    let changes = 0
    const stop = bench.queue.onChange(() => {
      changes += 1
    })
    bench.isDue(due(1), due(2))
    await bench.time.pass(30_000)
    assert.equal(bench.states(), ['1/1 waiting', '2/1 waiting'])
    assert.is(bench.queue.view().health.sentence, 'The printer is out of paper.')
    assert.ok(changes > 0)
    bench.device.set({ rollLines: 500 })
    await bench.time.pass(8_000)
    assert.equal(bench.recorded, ['1/1 printed', '2/1 printed'])
    assert.is(bench.titles().length, 2)
    stop()
    await bench.close()
  })

  test('unplugged in the middle: asks, and prints the next one', async () => {
    const bench = openBench({ state: { bytesPerSecond: 500 } })
    bench.isDue(due(1), due(2))
    await bench.time.pass(400)
    assert.equal(bench.states(), ['1/1 printing', '2/1 waiting'])
    bench.device.set({ isPlugged: false })
    await bench.time.pass(10_000)
    assert.equal(bench.states(), ['1/1 unknown', '2/1 waiting'])
    assert.is(bench.queue.view().health.state, 'absent')
    bench.device.set({ isPlugged: true })
    await bench.time.pass(10_000)
    assert.equal(bench.recorded, ['2/1 printed'])
    assert.equal(bench.states(), ['1/1 unknown'])
    await bench.close()
  })

  test('what came out is recorded until the loop takes it, and never printed twice', async () => {
    const fault = { fault: new Fault(DISK_FULL) }
    const bench = openBench({ answers: [{ refused: 'busy' }, fault] })
    bench.isDue(due(1))
    await bench.time.pass(10_000)
    assert.equal(bench.recorded, ['1/1 printed'])
    assert.is(bench.titles().length, 1)
    await bench.close()
  })

  test('believes the loop that a receipt is not due any more', async () => {
    const bench = openBench({ answers: [{ refused: 'not-due' }] })
    bench.isDue(due(1))
    await bench.time.pass(60_000)
    assert.equal(bench.states(), [])
    assert.equal(bench.recorded, [])
    assert.is(bench.titles().length, 1)
    await bench.close()
  })

  test('a sale that this disk no longer holds is for the keeper to settle', async () => {
    const bench = openBench()
    bench.isDue(due(404), due(2))
    await bench.time.pass(5_000)
    assert.equal(bench.states(), ['404/1 unknown'])
    assert.equal(bench.recorded, ['2/1 printed'])
    await bench.close()
  })

  test('closes in the middle of a job and records nothing it is not sure of', async () => {
    const bench = openBench({ state: { rollLines: 2 } })
    bench.isDue(due(1))
    await bench.time.pass(5_000)
    assert.equal(bench.states(), ['1/1 printing'])
    assert.match(bench.queue.view().health.sentence, 'out of paper')
    await bench.close()
    assert.equal(bench.recorded, [])
  })
})
