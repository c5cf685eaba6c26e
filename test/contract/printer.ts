import * as assert from 'uvu/assert'
import type { PaperLine } from '../../drivers/sim/paper.ts'
import type { SimPrinter } from '../../drivers/sim/printer.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { SAMPLE } from '../drivers/sample.ts'
import { type Suite, suite } from '../harness.ts'
import { drawerStories } from './drawer.ts'
import {
  comesTrue,
  healthIs,
  linesOut,
  memoryWorld,
  type PrinterWorld,
  pass,
  withPrinter
} from './printer-world.ts'

const cuts = (device: SimPrinter) => device.paper().filter(line => line.style === 'cut').length

/** What every printer must do, wherever it is plugged in. */
export function printerContract(
  name: string,
  openWorld: () => PrinterWorld,
  missing: string | false = false
): void {
  suite(`printer ${name}`, every => {
    const test: Suite = Object.assign(
      (title: string, step: () => void | Promise<void>) => every.needs(missing, title, step),
      every
    )
    printing(test, openWorld)
    small(test, openWorld)
    withoutPaper(test, openWorld)
    outOfPaper(test, openWorld)
    withoutPower(test, openWorld)
    withoutWords(test, openWorld)
    noise(test, openWorld)
    withoutDeeds(test, openWorld)
    drawerStories(test, openWorld)
  })
}

function printing(test: Suite, openWorld: () => PrinterWorld): void {
  for (const model of ['epson-tm-t20', 'epson-tm-t88iii', 'generic-80', 'generic-58']) {
    test(`${model} answers the fence: printed`, () =>
      withPrinter(
        openWorld,
        async ({ world, device, printer }) => {
          const outcome = await world.until(printer.print(SAMPLE))
          assert.equal(outcome, { state: 'printed' })
          assert.ok(device.paper().some(line => line.text.includes('29.50')))
          assert.is(printer.health().state, 'up')
        },
        { model }
      ))
  }

  test('is printed only when the last line is out, however early the bytes are gone', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const printing = printer.print(SAMPLE)
        let isSettled = false
        void printing.then(() => {
          isSettled = true
        })
        await world.until(linesOut(device, 5))
        assert.not(isSettled)
        assert.is((await world.until(printing)).state, 'printed')
        assert.is(cuts(device), 1)
      },
      { state: { bytesPerSecond: 20_000 } }
    ))
}

/** Rows of a picture are longer than some printers' buffers. */
function small(test: Suite, openWorld: () => PrinterWorld): void {
  for (const model of ['epson-tm-t20', 'generic-80']) {
    test(`${model}: a buffer smaller than a piece of a receipt is enough`, () =>
      withPrinter(
        openWorld,
        async ({ world, device, printer }) => {
          assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
          assert.equal(device.paper(), await paperOf(model))
        },
        { model, state: { bufferBytes: 45 } }
      ))
  }
}

/** What comes out where the buffer is large. */
async function paperOf(model: string): Promise<readonly PaperLine[]> {
  let paper: readonly PaperLine[] = []
  await withPrinter(
    memoryWorld,
    async ({ world, device, printer }) => {
      assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      paper = [...device.paper()]
    },
    { model }
  )
  return paper
}

function withoutPaper(test: Suite, openWorld: () => PrinterWorld): void {
  test('paper out before: not started, and the health says what to do', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'paper-out' })
        assert.is(printer.health().sentence, 'The printer is out of paper.')
        assert.match(printer.health().fix, 'new roll')
        assert.is(device.paper().length, 0)
        device.set({ rollLines: 500 })
        assert.is((await world.until(printer.print(SAMPLE))).state, 'printed')
        assert.is(printer.health().state, 'up')
      },
      { state: { rollLines: 0 } }
    ))

  test('cover open before: not started', () =>
    withPrinter(
      openWorld,
      async ({ world, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'cover-open' })
      },
      { state: { isCoverOpen: true } }
    ))
}

/** Paper that ends in the middle of a receipt. */
function outOfPaper(test: Suite, openWorld: () => PrinterWorld): void {
  for (const model of ['epson-tm-t20', 'generic-80']) {
    test(`${model}: paper out in the middle waits for a roll and goes on`, () =>
      withPrinter(
        openWorld,
        async ({ world, device, printer }) => {
          const printing = printer.print(SAMPLE)
          await world.until(linesOut(device, 6))
          assert.is(device.state().rollLines, 0)
          await world.until(healthIs(world, printer, 'down'))
          assert.match(printer.health().sentence, 'out of paper')
          // Longer than any printer may be silent otherwise.
          await world.until(pass(world, world.hastyLimits.settleMs * 1.5))
          device.set({ rollLines: 500 })
          assert.equal(await world.until(printing), { state: 'printed' })
          assert.is(cuts(device), 1)
        },
        { model, isHasty: true, state: { rollLines: 6 } }
      ))

    test(`${model}: a slow one whose buffer is full then waits just so`, () =>
      withPrinter(
        openWorld,
        async ({ world, device, printer }) => {
          const printing = printer.print(SAMPLE)
          await world.until(healthIs(world, printer, 'down'))
          assert.match(printer.health().sentence, 'out of paper')
          await world.until(pass(world, world.hastyLimits.settleMs * 1.5))
          device.set({ rollLines: 500, bytesPerSecond: 200_000 })
          assert.equal(await world.until(printing), { state: 'printed' })
          assert.is(cuts(device), 1)
        },
        { model, isHasty: true, state: { rollLines: 6, bytesPerSecond: 10_000 } }
      ))
  }

  test('paper out in the middle and unplugged then: partial', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const printing = printer.print(SAMPLE)
        await world.until(linesOut(device, 6))
        await world.until(healthIs(world, printer, 'down'))
        device.set({ isPlugged: false })
        assert.equal(await world.until(printing), { state: 'partial', fault: 'paper-out' })
      },
      { state: { rollLines: 6 } }
    ))
}

function withoutPower(test: Suite, openWorld: () => PrinterWorld): void {
  test('unplugged when all bytes were gone: unknown; plugged in again it prints', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const printing = printer.print(SHORT)
        await world.until(linesOut(device, 2))
        device.set({ isPlugged: false })
        assert.equal(await world.until(printing), { state: 'unknown', fault: 'disconnected' })
        assert.is(printer.health().state, 'down')
        device.set({ isPlugged: true, bytesPerSecond: 200_000 })
        await world.until(world.isBack())
        assert.is((await world.until(printer.print(SAMPLE))).state, 'printed')
      },
      { state: { bytesPerSecond: 1_000 } }
    ))

  test('unplugged before: not started', () =>
    withPrinter(
      openWorld,
      async ({ world, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'disconnected' })
        assert.match(printer.health().sentence, /cannot be reached|plugged in|not there/)
      },
      { state: { isPlugged: false } }
    ))

  test('switched off and on while idle: prints on a new line', () =>
    withPrinter(openWorld, async ({ world, device, printer }) => {
      await world.until(printer.print(SAMPLE))
      device.set({ isPlugged: false })
      device.set({ isPlugged: true })
      await world.until(world.isBack())
      assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      assert.is(cuts(device), 2)
    }))
}

/** Fits into any printer's buffer. */
const SHORT: Receipt = { ...SAMPLE, parts: SAMPLE.parts.slice(0, 6) }
const LONG: Receipt = { ...SAMPLE, parts: Array(8).fill(SAMPLE.parts).flat() }

/** Printers that say nothing, too little or nonsense. */
function withoutWords(test: Suite, openWorld: () => PrinterWorld): void {
  test('a printer that should answer and is mute: not started, never guessed', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'timeout' })
        assert.is(device.paper().length, 0)
        assert.match(printer.health().fix, 'generic-80-mute')
      },
      { isHasty: true, state: { isMute: true } }
    ))

  test('a mute model gets the bytes and is believed no further: sent', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const out = linesOut(device, 5)
        assert.equal(await world.until(printer.print(SAMPLE)), { state: 'sent' })
        await world.until(out)
        assert.match(printer.health().sentence, 'cannot say')
      },
      { model: 'generic-80-mute', state: { isMute: true } }
    ))

  test('a mute model gets a new line for each receipt', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        for (const receipts of [1, 2, 3]) {
          assert.equal(await world.until(printer.print(SHORT)), { state: 'sent' })
          await world.until(comesTrue(world, () => cuts(device) === receipts))
        }
      },
      { model: 'generic-80-mute', state: { isMute: true } }
    ))

  test('answers questions and never the fence: unknown', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'unknown', fault: 'timeout' })
        assert.is(cuts(device), 1)
      },
      { isHasty: true, state: { isFenceless: true } }
    ))

  test('settles when it is closed in the middle of a job', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const printing = printer.print(SAMPLE)
        await world.until(linesOut(device, 3))
        await world.until(printer.close())
        assert.match((await printing).state, /unknown|partial/)
      },
      { state: { bytesPerSecond: 1_000 } }
    ))
}

/** Printers that do less than they say. */
function withoutDeeds(test: Suite, openWorld: () => PrinterWorld): void {
  test('takes bytes and does nothing with them: not started, and it says to whom to look', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        device.setFault('stall')
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'timeout' })
        assert.match(printer.health().sentence, 'does not answer')
        assert.match(printer.health().fix, 'Switch it off and on.')
      },
      { isHasty: true }
    ))

  test('fell silent on an idle line: it is asked again on a new one', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        await world.until(printer.probe())
        device.set({ isMute: true })
        const printing = printer.print(SAMPLE)
        await world.until(pass(world, world.hastyLimits.answerMs * 0.5))
        device.set({ isMute: false })
        assert.equal(await world.until(printing), { state: 'printed' })
      },
      { model: 'generic-80', isHasty: true }
    ))

  test('says that all is well and prints nothing: unknown', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const outcome = await world.until(printer.print(SHORT))
        assert.equal(outcome, { state: 'unknown', fault: 'timeout' })
        assert.is(device.paper().length, 0)
        assert.is(printer.health().state, 'down')
      },
      { isHasty: true, state: { isHeadStuck: true } }
    ))

  test('prints nothing of more than its buffer holds: partial', () =>
    withPrinter(
      openWorld,
      async ({ world, printer }) => {
        const outcome = await world.until(printer.print(LONG))
        assert.equal(outcome, { state: 'partial', fault: 'timeout' })
      },
      { isHasty: true, state: { isHeadStuck: true } }
    ))

  test('vanishes while it takes bytes: partial', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        const printing = printer.print(LONG)
        await world.until(linesOut(device, 10))
        device.setFault('unplug')
        assert.equal(await world.until(printing), { state: 'partial', fault: 'disconnected' })
        assert.is(printer.health().state, 'down')
      },
      { state: { bytesPerSecond: 4_000 } }
    ))
}

/** Loose cables and wrong speeds. */
function noise(test: Suite, openWorld: () => PrinterWorld): void {
  for (const model of ['epson-tm-t20', 'generic-80']) {
    test(`${model}: noise between the replies changes nothing`, () =>
      withPrinter(
        openWorld,
        async ({ world, printer }) => {
          assert.is((await world.until(printer.print(SAMPLE))).state, 'printed')
          assert.is((await world.until(printer.probe())).state, 'up')
        },
        { model, state: { isGarbling: true } }
      ))
  }

  test('answers with noise: not started, and it says so', () =>
    withPrinter(
      openWorld,
      async ({ world, device, printer }) => {
        device.setFault('garbage')
        const outcome = await world.until(printer.print(SAMPLE))
        assert.is(outcome.state, 'not-started')
        assert.match(printer.health().sentence, 'answers with noise')
        assert.match(printer.health().fix, 'cable')
        device.setFault(null)
        assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      },
      { isHasty: true }
    ))
}
