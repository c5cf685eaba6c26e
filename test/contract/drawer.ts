import * as assert from 'uvu/assert'
import type { DrawerSettings } from '../../drivers/printer/drawer.ts'
import { SAMPLE } from '../drivers/sample.ts'
import type { Suite } from '../harness.ts'
import { type Bench, comesTrue, linesOut, type PrinterWorld, withPrinter } from './printer-world.ts'

const DRAWER: DrawerSettings = { pin: 2, pulseMs: 100, openLevel: 'high' }

const opens = async ({ world, device, printer }: Bench) => {
  await world.until(printer.drawer?.kick() ?? Promise.reject(new Error('No drawer')))
  await world.until(comesTrue(world, () => device.state().isDrawerOpen))
}

const isShut = async ({ world, printer }: Bench, sentence: string | RegExp) => {
  await world.until(printer.drawer?.kick() ?? Promise.reject(new Error('No drawer')))
  assert.is(printer.health().fix.includes('with its key'), true, printer.health().fix)
  assert.match(printer.health().sentence, sentence)
}

/** What a cash drawer at a printer must do, wherever the printer is plugged in. */
export function drawerStories(test: Suite, openWorld: () => PrinterWorld): void {
  opening(test, openWorld)
  inTurn(test, openWorld)
  staysShut(test, openWorld)
}

function opening(test: Suite, openWorld: () => PrinterWorld): void {
  for (const model of ['epson-tm-t20', 'generic-80', 'generic-58-mute']) {
    test(`${model}: the drawer opens, also where nothing was printed before`, () =>
      withPrinter(openWorld, opens, { model, drawer: DRAWER }))
  }

  test('it is known to be open, and to be shut again', () =>
    withPrinter(
      openWorld,
      async bench => {
        const { world, device, printer } = bench
        await opens(bench)
        await world.until(printer.probe())
        assert.is(printer.drawer?.isOpen(), true)
        assert.match(printer.health().sentence, 'The cash drawer is open.')
        device.set({ isDrawerOpen: false })
        await world.until(printer.probe())
        assert.is(printer.drawer?.isOpen(), false)
        assert.is(printer.health().sentence, 'The printer is ready.')
      },
      { drawer: DRAWER }
    ))

  test('it opens while a receipt waits for paper, and the receipt goes on', () =>
    withPrinter(
      openWorld,
      async bench => {
        const { world, device, printer } = bench
        const printing = printer.print(SAMPLE)
        await world.until(linesOut(device, 4))
        await opens(bench)
        device.set({ rollLines: 500 })
        assert.equal(await world.until(printing), { state: 'printed' })
      },
      { drawer: DRAWER, state: { rollLines: 4 } }
    ))

  test('it opens on a new line when the old one is dead', () =>
    withPrinter(
      openWorld,
      async bench => {
        const { world, device, printer } = bench
        await world.until(printer.probe())
        device.set({ isPlugged: false })
        device.set({ isPlugged: true })
        await world.until(world.isBack())
        await opens(bench)
      },
      { drawer: DRAWER }
    ))
}

/** Printers that know no real-time kick get `ESC p` among what they print. */
function inTurn(test: Suite, openWorld: () => PrinterWorld): void {
  test('that opens in its turn opens between two pieces of a receipt, which stays whole', () =>
    withPrinter(
      openWorld,
      async bench => {
        const { world, device, printer } = bench
        const printing = printer.print(SAMPLE)
        await world.until(linesOut(device, 2))
        await opens(bench)
        assert.equal(await world.until(printing), { state: 'printed' })
        assert.ok(device.paper().some(line => line.text.endsWith('29.50')))
        assert.is(device.paper().at(-1)?.style, 'cut')
      },
      { model: 'generic-80', drawer: DRAWER, state: { bytesPerSecond: 4_000 } }
    ))

  test('that opens in its turn is not opened without paper: it would come with the roll', () =>
    withPrinter(
      openWorld,
      async bench => {
        const { world, device, printer } = bench
        await world.until(printer.drawer?.kick() ?? Promise.resolve())
        assert.match(printer.health().sentence, 'out of paper')
        device.set({ rollLines: 500 })
        await world.until(printer.probe())
        assert.is(device.state().isDrawerOpen, false)
        assert.match(printer.health().sentence, 'The cash drawer did not open.')
        await opens(bench)
        assert.is((await world.until(printer.probe())).state, 'up')
      },
      { model: 'generic-80', drawer: DRAWER, state: { rollLines: 0 } }
    ))
}

function staysShut(test: Suite, openWorld: () => PrinterWorld): void {
  test('a printer that is gone: the keeper is told to use the key', () =>
    withPrinter(
      openWorld,
      async bench => {
        await bench.world.until(bench.printer.probe())
        await isShut(bench, /cannot be reached|plugged in|not there/)
      },
      { drawer: DRAWER, state: { isPlugged: false } }
    ))

  test('a printer that never answers: the keeper is told to use the key', () =>
    withPrinter(
      openWorld,
      async bench => {
        await bench.world.until(bench.printer.probe())
        await isShut(bench, 'does not answer')
      },
      { drawer: DRAWER, isHasty: true, state: { isStalled: true } }
    ))

  test('a printer without a connector has no drawer', () =>
    withPrinter(openWorld, async ({ printer }) => assert.is(printer.drawer, undefined), {
      model: 'epson-tm-p20',
      drawer: DRAWER
    }))
}
