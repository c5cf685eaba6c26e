import * as assert from 'uvu/assert'
import type { PrintLimits } from '../../drivers/printer/job.ts'
import { type PrinterModel, printerModel } from '../../drivers/printer/models.ts'
import { openPrinter, PRINT_LIMITS } from '../../drivers/printer/printer.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { type SimPrinter, type SimPrinterState, simPrinter } from '../../drivers/sim/printer.ts'
import { type StartTimer, startTimer } from '../../drivers/timer.ts'
import type { Printer } from '../../node/core/ports.ts'
import { handTime } from '../drivers/hand.ts'
import { SAMPLE } from '../drivers/sample.ts'
import { serveDevice } from '../drivers/socket.ts'
import { type Suite, suite } from '../harness.ts'

/** A way for the printer's driver and the device to meet, and whose time they live in. */
export interface PrinterWorld {
  readonly startTimer: StartTimer
  readonly limits: PrintLimits
  /** For stories in which a limit has to pass. */
  readonly hastyLimits: PrintLimits
  readonly until: <T>(promise: Promise<T>) => Promise<T>
  readonly reach: (device: PrinterTransport) => Promise<PrinterTransport>
  readonly close: () => Promise<void>
}

/** In one process, in hand time, with the limits of the field. */
export function memoryWorld(): PrinterWorld {
  const time = handTime()
  return {
    startTimer: time.startTimer,
    limits: PRINT_LIMITS,
    hastyLimits: PRINT_LIMITS,
    until: promise => time.until(promise),
    reach: async device => device,
    close: async () => {}
  }
}

/** Over real sockets in real time, so everything is quick. */
export function socketWorld(open: (port: number) => PrinterTransport): PrinterWorld {
  const closers: (() => Promise<void>)[] = []
  return {
    startTimer,
    limits: { answerMs: 5_000, pollMs: 20, settleMs: 10_000, pauseMs: 10_000 },
    hastyLimits: { answerMs: 200, pollMs: 20, settleMs: 800, pauseMs: 10_000 },
    until: promise => promise,
    reach: async device => {
      const server = await serveDevice(device)
      closers.push(server.close)
      return open(server.port)
    },
    close: async () => {
      for (const close of closers) await close()
    }
  }
}

interface Bench {
  readonly world: PrinterWorld
  readonly device: SimPrinter
  readonly printer: Printer
}

/** Runs one story on a fresh printer and puts everything away. */
async function withPrinter(
  openWorld: () => PrinterWorld,
  story: (bench: Bench) => Promise<void>,
  options: {
    model?: string
    state?: Partial<SimPrinterState>
    isHasty?: boolean
  } = {}
): Promise<void> {
  const world = openWorld()
  const model = modelNamed(options.model ?? 'epson-tm-t20')
  const device = simPrinter({
    model,
    startTimer: world.startTimer,
    state: { bytesPerSecond: 200_000, ...options.state }
  })
  const limits = options.isHasty ? world.hastyLimits : world.limits
  const transport = await world.reach(device.transport)
  const printer = openPrinter({ transport, model, limits, startTimer: world.startTimer })
  try {
    await story({ world, device, printer })
  } finally {
    device.set({ isPlugged: false })
    await world.until(printer.close())
    await world.close()
  }
}

function modelNamed(id: string): PrinterModel {
  const model = printerModel(id)
  if (model === undefined) throw new Error(`No model ${id}`)
  return model
}

/** Settles when so many lines have come out. */
const linesOut = (device: SimPrinter, lines: number): Promise<void> =>
  new Promise(resolve => {
    const stop = device.onPaper(() => {
      if (device.paper().length < lines) return
      stop()
      resolve()
    })
  })

const cuts = (device: SimPrinter) => device.paper().filter(line => line.style === 'cut').length

/** What every printer must do, wherever it is plugged in. */
export function printerContract(name: string, openWorld: () => PrinterWorld): void {
  suite(`printer ${name}`, test => {
    printing(test, openWorld)
    withoutPaper(test, openWorld)
    withoutPower(test, openWorld)
    withoutWords(test, openWorld)
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
        const printing = printer.print({ ...SAMPLE, parts: SAMPLE.parts.slice(0, 6) })
        await world.until(linesOut(device, 2))
        device.set({ isPlugged: false })
        assert.equal(await world.until(printing), { state: 'unknown', fault: 'disconnected' })
        assert.is(printer.health().state, 'down')
        device.set({ isPlugged: true, bytesPerSecond: 200_000 })
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
        assert.match(printer.health().sentence, 'cannot be reached')
      },
      { state: { isPlugged: false } }
    ))

  test('switched off and on while idle: prints on a new line', () =>
    withPrinter(openWorld, async ({ world, device, printer }) => {
      await world.until(printer.print(SAMPLE))
      device.set({ isPlugged: false })
      device.set({ isPlugged: true })
      assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      assert.is(cuts(device), 2)
    }))
}

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

const pass = (world: PrinterWorld, ms: number) =>
  new Promise<void>(resolve => world.startTimer(ms, resolve))

/** Waits until the printer's health has come to that; the suite's own limit is the deadline. */
async function healthIs(world: PrinterWorld, printer: Printer, state: string): Promise<void> {
  while (printer.health().state !== state) {
    await pass(world, 10)
  }
}
